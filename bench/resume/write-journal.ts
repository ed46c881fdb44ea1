import { open } from "node:fs/promises";
import { frame } from "../../packages/server/src/journal/frames.ts";
import { encodeRecord } from "../../packages/server/src/journal/records.ts";

/** Appends results of the first so many pixels of an nside to a journal, in an order that is not that of the pixels. */
export async function appendResults(path: string, nside: number, results: number): Promise<void> {
  const file = await open(path, "a");
  const chunk = 10_000;
  try {
    for (let from = 0; from < results; from += chunk) {
      const records = Array.from({ length: Math.min(chunk, results - from) }, (_, position) => {
        const pixel = scattered(from + position, results);
        const values = { llh: 1000 + (pixel % 1000), eIn: NaN, eTot: 1e5, x: pixel, y: 1, z: 2, t: 3 };
        return frame(encodeRecord({ type: "result", nside, pixel, posvar: 0, values, runtimeSec: 0.1 }));
      });
      await file.appendFile(Buffer.concat(records));
    }
    await file.datasync();
  } finally {
    await file.close();
  }
}

/** A permutation of the numbers below `count`: a stride that has no divisor in common with it. */
function scattered(position: number, count: number): number {
  let stride = 7919;
  while (count % stride === 0) stride += 2;
  return (position * stride) % count;
}
