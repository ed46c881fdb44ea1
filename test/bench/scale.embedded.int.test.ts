// `npm run bench:scale` and `bench:resume` in the small: that they measure, not what.
import { expect, it } from "vitest";
import { runBenchmark } from "./bench-process.ts";

it("bench:scale measures processor time and memory of a server for skies of two sizes", () => {
  const { rows } = runBenchmark("scale", "--nsides", "8,16");
  expect(rows.map(({ units }) => units)).toEqual([768, 3072]);
  expect(rows[0]).toMatchObject({ ofSmallest: 1 });
  for (const { rssMb, perSec, cpuMicrosecPerUnit } of rows) {
    expect(rssMb).toBeGreaterThan(10);
    expect(perSec).toBeGreaterThan(0);
    expect(cpuMicrosecPerUnit).toBeGreaterThanOrEqual(0);
  }
});

it("bench:resume starts a server on a journal that was made for it", () => {
  const { rows } = runBenchmark("resume", "--results", "0,5000");
  expect(rows.map(({ results }) => results)).toEqual([0, 5000]);
  expect(rows[1]!["journalMb"]).toBeGreaterThan(0.4);
  for (const { readySec } of rows) expect(readySec).toBeGreaterThan(0);
});
