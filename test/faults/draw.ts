import { createRandom } from "@skyscan/simulation";
import { between, pick, shuffled, whole } from "./chance.ts";
import type { Fault } from "./fault.ts";
import { launcherOf } from "./run-plan.ts";
import type { RunPlan } from "./run-plan.ts";

/** How many faults a run has: mostly one, so that its cost can be told. */
const faultCounts = [1, 1, 1, 2, 2, 3] as const;

/** Those that a run over this driver can have. */
export function faultsOf(catalogue: readonly Fault[], driver: string): readonly Fault[] {
  const launcher = launcherOf(driver);
  const able = { broker: launcher !== undefined, alarm: launcher?.hasAlarms === true };
  return catalogue.filter(({ needs }) => needs === undefined || able[needs]);
}

/**
 * The plans of the first `count` runs. The same seed, driver and catalogue give the same plans, the first ones the same for every count.
 * An empty catalogue gives undisturbed runs. Faults are dealt from a shuffled deck that is made anew when it is empty, so every one comes before any comes too often.
 */
export function drawRuns(catalogue: readonly Fault[], driver: string, seed: number, count: number): readonly RunPlan[] {
  const random = createRandom(seed);
  const cards = faultsOf(catalogue, driver).flatMap((fault) => Array.from({ length: fault.weight }, () => fault.name));
  let deck: string[] = [];

  function deal(taken: readonly string[]): string | undefined {
    if (deck.length === 0) deck = shuffled(random, cards);
    const at = deck.findIndex((name) => !taken.includes(name));
    return at < 0 ? undefined : deck.splice(at, 1)[0];
  }

  return Array.from({ length: count }, (_, number) => {
    const names: string[] = [];
    for (let left = pick(random, faultCounts); left > 0; left -= 1) {
      const name = deal(names);
      if (name !== undefined) names.push(name);
    }
    const faults = names.map((name) => ({ name, at: between(random, 0.02, 0.9), seed: whole(random, 2 ** 32) }));
    return {
      driver,
      number,
      clients: 2 + whole(random, 2),
      slots: 2,
      window: pick(random, [6, 300]),
      extras: random.uniform() < 0.04,
      faults,
    };
  });
}
