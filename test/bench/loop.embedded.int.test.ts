// `npm run bench:loop` in the small over the embedded broker: that it measures, not what.
import { expect, it } from "vitest";
import { runBenchmark } from "./bench-process.ts";

it("bench:loop measures the engine over the embedded broker against a bare gRPC stream", () => {
  const { rows, cores } = runBenchmark("loop", ...["--driver", "embedded", "--units", "300", "--repetitions", "1"]);
  expect(cores).toBeGreaterThan(0);
  expect(rows.map(({ client }) => client)).toEqual(["bare", "bare", "bare", "in-process"]);
  for (const { perSec, pairs } of rows) {
    expect(perSec).toBeGreaterThan(0);
    expect(pairs).toBe(1);
  }
  expect(rows.at(-1)!["ofBare"]).toBeGreaterThan(0);
});
