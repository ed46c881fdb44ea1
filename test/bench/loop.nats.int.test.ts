// `npm run bench:loop` in the small over NATS: that it measures, not what.
import { natsMissing } from "@skyscan/testing";
import { describe, expect, it } from "vitest";
import { runBenchmark } from "./bench-process.ts";

describe.skipIf(natsMissing !== undefined)("bench:loop over NATS", () => {
  it("measures the engine with a stream reco against the bare loop", () => {
    const { rows } = runBenchmark(
      "loop",
      ...["--driver", "nats", "--units", "200", "--repetitions", "1", "--only", "inFlight 1"],
    );
    expect(rows.map(({ client }) => client)).toEqual(["bare", "bare", "bare", "stream"]);
    for (const { ofBare, brokerVersion } of rows.slice(3)) {
      expect(ofBare).toBeGreaterThan(0);
      expect(brokerVersion).toMatch(/^\d+\.\d+/);
    }
  });
});
