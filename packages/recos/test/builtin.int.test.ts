// The built-in dummy and crash_dummy as a client runs them, in real child processes.
import { afterEach, beforeEach, expect, test } from "vitest";
import { loadRegistry } from "../src/manifest/registry.ts";
import type { RunnerOutcome } from "../src/runner/runner.ts";
import { createBench, forever, unitOf } from "./fixture-reco.ts";
import type { Bench } from "./fixture-reco.ts";
import type { RunnerOptions } from "../src/process/runner-options.ts";

let bench: Bench;
beforeEach(async () => {
  bench = await createBench();
});
afterEach(() => bench.dispose());

const registry = loadRegistry({ recoPath: [] });

async function outcomes(
  name: string,
  change: Partial<RunnerOptions>,
  attempts: readonly number[],
): Promise<readonly RunnerOutcome[]> {
  const runner = await bench.runner(registry.find(name), change);
  const all: RunnerOutcome[] = [];
  for (const attempt of attempts) all.push(await runner.run(unitOf(attempt, attempt), forever()));
  await runner.close();
  return all;
}
const withoutTime = (all: readonly RunnerOutcome[]): unknown => all.map((one) => ({ ...one, runtimeSec: 0 }));

test("the dummy gives the same answers every time, and takes the time it is told to", async () => {
  const first = await outcomes("dummy", {}, [1, 2]);
  const slow = await outcomes("dummy", { recoOptions: { runtime: "0.1" } }, [1, 2]);
  expect(first.every(({ kind }) => kind === "result")).toBe(true);
  expect(withoutTime(slow)).toEqual(withoutTime(first));
  for (const { runtimeSec } of slow) expect(runtimeSec).toBeGreaterThan(0.09);
});

test("the dummy's sky has one minimum and rises from it", async () => {
  const runner = await bench.runner(registry.find("dummy"));
  const at = async (raRad: number, decRad: number): Promise<number> => {
    const { payload } = unitOf(1);
    const unit = {
      unit: `${raRad} ${decRad}`,
      attempt: 1,
      payload: { ...payload, direction: { ...payload.direction, raRad, decRad } },
    };
    const outcome = await runner.run(unit, forever());
    return outcome.kind === "result" ? (outcome.result.llh ?? NaN) : NaN;
  };
  let best = { raRad: 0, decRad: 0, llh: Infinity };
  for (let stepRad = 0.4; stepRad > 0.001; stepRad /= 2) {
    const { raRad, decRad } = best;
    const reach = best.llh === Infinity ? 8 : 2;
    for (let i = -reach; i <= reach; i += 1) {
      for (let j = -reach; j <= reach; j += 1) {
        const llh = await at(raRad + i * stepRad, Math.max(-1.5, Math.min(1.5, decRad + j * stepRad)));
        if (llh < best.llh)
          best = { raRad: raRad + i * stepRad, decRad: Math.max(-1.5, Math.min(1.5, decRad + j * stepRad)), llh };
      }
    }
  }
  const deg = Math.PI / 180;
  const near = await at(best.raRad, best.decRad + 2 * deg);
  const far = await at(best.raRad, best.decRad + 8 * deg);
  expect(near - best.llh).toBeGreaterThan(1);
  expect(far).toBeGreaterThan(near + 20);
});

test("the crash_dummy meets the same troubles in the same units every time", async () => {
  const change = {
    environment: { ...process.env, SKYSCAN_CRASH_DUMMY_PROBABILITY: "1" },
    timeoutSec: 0.5,
    grace: { termMs: 50, leaveMs: 50 },
  };
  const attempts = [1, 2, 3, 4];
  const codes = async (): Promise<readonly string[]> =>
    (await outcomes("crash_dummy", change, attempts)).map((one) =>
      one.kind === "failure" ? `${one.code} ${one.message}` : one.kind,
    );
  const first = await codes();
  expect(await codes()).toEqual(first);
  expect(first.every((code) => /^(crashed|timed-out|protocol)/.test(code))).toBe(true);
});

test("the crash_dummy with probability 0 is the dummy", async () => {
  const environment = { ...process.env, SKYSCAN_CRASH_DUMMY_PROBABILITY: "0" };
  expect(withoutTime(await outcomes("crash_dummy", { environment }, [1, 2]))).toEqual(
    withoutTime(await outcomes("dummy", {}, [1, 2])),
  );
});
