// The live part of a scan without files and processes around it, for benchmarks and simulations: no public interface.
export type { Clock } from "./units/clock.ts";
export { createEngine } from "./engine.ts";
export { readInputs } from "./request/inputs.ts";
export type { ScanInputs } from "./request/inputs.ts";
export type { Journal } from "./journal/journal.ts";
export { createScanState } from "./state/scan-state.ts";
