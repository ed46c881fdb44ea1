export type { Runner, RunnerOutcome, RunnerUnit } from "./runner.ts";
