// The real engine over a small simulated cluster: what copies of late units promise.
import { beforeAll, describe, expect, test } from "vitest";
import type { ScanInputs } from "@skyscan/server/parts";
import { clusterInputs } from "../../bench/cluster/inputs.ts";
import { simulateCluster } from "../../bench/cluster/simulate.ts";
import type { ClusterOutcome, ClusterSettings } from "../../bench/cluster/simulate.ts";
import { createVirtualTime } from "../../bench/cluster/virtual-time.ts";

let inputs: ScanInputs;
beforeAll(async () => {
  inputs = await clusterInputs(["4:0"], 1);
});

const simulate = (more: Partial<ClusterSettings>): Promise<ClusterOutcome> =>
  simulateCluster({
    inputs,
    threshold: 1,
    speculation: true,
    slots: 16,
    slotsPerHost: 1,
    hostSpread: 0.6,
    medianFitSec: 60,
    fitSpread: 0.3,
    arrivalSec: 0,
    lostHosts: 0,
    heartbeatSec: 60,
    seed: 1,
    ...more,
  });

describe("copies of late units", () => {
  test.each([1, 2, 3])("end a scan on uneven hosts sooner, for five percent more work at most (seed %i)", async (seed) => {
    const without = await simulate({ speculation: false, seed });
    const copied = await simulate({ seed });
    expect(copied.copies).toBeGreaterThan(0);
    expect(copied.makespanSec).toBeLessThanOrEqual(without.makespanSec);
    expect(copied.extra).toBeLessThanOrEqual(0.05);
    expect([copied.units, copied.results]).toEqual([192, 192]);
  });

  test("are hardly ever sent where all hosts and fits are alike", async () => {
    expect((await simulate({ hostSpread: 0, fitSpread: 0.1 })).copies).toBeLessThanOrEqual(2);
  });
});

test("hosts that die cost no unit, with and without copies: each is final once", async () => {
  for (const speculation of [true, false]) {
    const outcome = await simulate({ lostHosts: 0.3, speculation });
    expect(outcome.hostsLost).toBeGreaterThan(1);
    expect([outcome.units, outcome.results]).toEqual([192, 192]);
    expect(outcome.extra).toBeLessThanOrEqual(0.05);
  }
});

test("with a threshold the next nside begins before the last fit of the one before, and hosts that come late find work", async () => {
  const progression = await clusterInputs(["2:0", "8:6", "32:6"], 1);
  const late = { inputs: progression, slots: 12, arrivalSec: 120 };
  const patient = await simulate(late);
  const eager = await simulate({ ...late, threshold: 0.5 });
  expect(eager.makespanSec).toBeLessThan(patient.makespanSec);
  for (const { units, results } of [patient, eager]) expect(results).toBe(units);
});

test("virtual time passes in order, events of one millisecond in the order in which they were asked for", () => {
  const time = createVirtualTime();
  const seen: string[] = [];
  time.at(20, () => seen.push(`late ${time.nowMs}`));
  time.at(10, () => {
    seen.push("first");
    time.after(0, () => seen.push("third"));
  });
  time.at(10, () => seen.push("second"));
  while (time.step());
  expect(seen).toEqual(["first", "second", "third", "late 20"]);
});
