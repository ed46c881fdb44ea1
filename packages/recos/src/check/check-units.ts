import type { RunnerUnit } from "../runner/runner.ts";
import { unitLine } from "../runner/reco-lines.ts";

/** A line that a reco has to take, and the unit that it has to answer. */
export interface CheckUnit {
  /** What a reco that answers it keeps to. */
  readonly rule: string;
  readonly unit: string;
  /** With its LF. */
  readonly line: string;
}

/** The units as the engine sends them. */
export const plainUnits = (units: readonly RunnerUnit[], limitSec: number): readonly CheckUnit[] =>
  units.map((unit) => ({ rule: `answers unit ${unit.unit}`, unit: unit.unit, line: unitLine(unit, limitSec) }));

/** Units that are allowed but not usual, made from a usual one. */
export function oddUnits(base: RunnerUnit, limitSec: number): readonly CheckUnit[] {
  const seed = base.payload.seed ?? { xM: 0, yM: 0, zM: 0, timeNs: 0, energyGeV: null };
  const nothing = { xM: null, yM: null, zM: null, timeNs: null, energyGeV: null };
  const made = (rule: string, change: Partial<RunnerUnit["payload"]>, unit = base.unit): CheckUnit => ({
    rule,
    unit,
    line: unitLine({ ...base, unit, payload: { ...base.payload, ...change } }, limitSec),
  });
  const usual = JSON.parse(unitLine(base, limitSec)) as Record<string, unknown>;
  const rewritten = (rule: string, object: Record<string, unknown>): CheckUnit => ({
    rule,
    unit: base.unit,
    line: `${JSON.stringify(object)}\n`,
  });
  return [
    made("takes a unit without a seed (seed null)", { seed: null }),
    made("takes a seed whose members are null", { seed: nothing }),
    made("takes a fallback seed", { fallbackSeed: { ...seed, zM: (seed.zM ?? 0) + 10 } }),
    made("echoes the unit's text as it is", {}, 'check "é\\n" 1/2/3'),
    rewritten("ignores unknown keys", { ...usual, "x-check": { nested: [1, null, "}"] }, later: true }),
    rewritten("takes keys in any order", Object.fromEntries(Object.entries(usual).reverse())),
  ];
}
