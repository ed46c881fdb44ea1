import { bestFit, readSkymapFile } from "@skyscan/skymap";
import type { ManyRow } from "./rows.ts";

const toDeg = (rad: number): number => (rad * 180) / Math.PI;

/**
 * The best fit that stands in a scan's result, the npz among its files; undefined where every fit failed. What a server said last may be older,
 * and one whose scan was complete already says nothing. @throws SkymapError, or Node's error, when the result cannot be read.
 */
export async function bestOfResult(files: readonly string[]): Promise<ManyRow["best"]> {
  const npz = files.find((file) => file.endsWith(".npz"));
  const best = npz === undefined ? undefined : bestFit(await readSkymapFile(npz));
  return best && { nside: best.nside, pixel: best.pixel, llh: best.llh, raDeg: toDeg(best.raRad), decDeg: toDeg(best.decRad) };
}
