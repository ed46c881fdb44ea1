import { silentLogger } from "@skyscan/runtime";
import { createCopies } from "../src/units/copies.ts";
import type { Copies, CopiesOptions } from "../src/units/copies.ts";
import { recordingBroadcaster, scan } from "./deliveries.ts";

/** The copies of the tests' scan; without `broadcaster`, nobody hears what is cancelled. */
export const copiesOf = (
  given: Pick<CopiesOptions, "journal" | "dispatch" | "counters" | "nowMs"> & Partial<CopiesOptions>,
): Copies => createCopies({ scanId: scan, run: 1, broadcaster: recordingBroadcaster(), logger: silentLogger, ...given });
