// The live part of a scan without files and processes around it, for benchmarks and simulations: no public interface.
export type { Clock } from "./clock.ts";
export { createEngine } from "./engine.ts";
export { readInputs } from "./inputs.ts";
export type { ScanInputs } from "./inputs.ts";
export type { Journal } from "./journal.ts";
export { createScanState } from "./scan-state.ts";
