// `npm run bench:cluster` in the small: that it simulates, not what.
import { expect, it } from "vitest";
import { runBenchmark } from "./bench-process.ts";

it("bench:cluster simulates with and without copies, and thresholds", () => {
  const { rows } = runBenchmark(
    "cluster",
    ...["--slots", "16", "--thresholds", "0.5", "--nsides", "2:0,8:6", "--variations", "2", "--seeds", "2"],
    ...["--first-seed", "7"],
  );
  expect(rows.map((row) => row["case"])).toEqual([
    ...["one nside", "one nside", "one nside, uneven hosts", "one nside, uneven hosts"],
    ...["progression", "progression", "thresholds"],
  ]);
  for (const { ofIdeal, seeds } of rows) {
    expect((ofIdeal as { median: number }).median).toBeGreaterThan(1);
    expect(seeds).toEqual([7, 8]);
  }
});
