import { ringToSky } from "@skyscan/healpix";
import type { SkyFrame } from "@skyscan/icecube";
import type { FitPayload, Seed } from "@skyscan/protocol";
import type { UnitKey } from "./unit-key.ts";
import type { PixelTable } from "./pixel-table.ts";
import type { FirstHit } from "./refine-time.ts";
import { refinedTimeNs } from "./refine-time.ts";
import { rotateOffset } from "./variations.ts";
import type { Offset } from "./variations.ts";

/** Where and when something may have happened: detector frame, metres and nanoseconds. */
export interface Vertex {
  readonly xM: number;
  readonly yM: number;
  readonly zM: number;
  readonly timeNs: number;
}

export interface SeedRules {
  readonly skyFrame: SkyFrame;
  /** The event's own seed, for pixels without a coarser best fit. */
  readonly eventSeed: Vertex;
  readonly offsetsM: readonly Offset[];
  readonly rotateVertex: boolean;
  readonly addFallbackPosition: boolean;
  /** Hits to refine the time from, when the reco wants it. */
  readonly refineTimeFrom: readonly FirstHit[] | undefined;
}

/** What the reco is asked for one unit; a pure function of the rules, the unit and the best fit of the pixel that seeds it. */
export function makePayload(rules: SeedRules, tables: ReadonlyMap<number, PixelTable>, unit: UnitKey): FitPayload {
  const { raRad, decRad } = ringToSky(unit.nside, unit.pixel);
  const { zenithRad, azimuthRad } = rules.skyFrame.equaToDir(raRad, decRad);
  const base = coarserBest(tables, unit) ?? rules.eventSeed;
  const given = rules.offsetsM[unit.posvar] ?? [0, 0, 0];
  const offset = rules.rotateVertex ? rotateOffset(given, zenithRad, azimuthRad) : given;
  const seed = refined(rules, moved(base, offset), zenithRad, azimuthRad);
  // The predecessor's: the event's own seed with the same variation, where the seeds themselves differ.
  const fallback =
    rules.addFallbackPosition && differs(base, rules.eventSeed)
      ? refined(rules, moved(rules.eventSeed, offset), zenithRad, azimuthRad)
      : undefined;
  return {
    nside: unit.nside,
    pixel: unit.pixel,
    posvar: unit.posvar,
    direction: { zenithRad, azimuthRad, raRad, decRad },
    seed: seedOf(seed),
    fallbackSeed: fallback === undefined ? null : seedOf(fallback),
  };
}

function coarserBest(tables: ReadonlyMap<number, PixelTable>, unit: UnitKey): Vertex | undefined {
  const table = tables.get(unit.nside);
  const source = table?.sourceAt(table.rowOf(unit.pixel));
  if (source === undefined) return undefined;
  const coarser = tables.get(source.nside);
  const row = coarser?.rowOf(source.pixel) ?? -1;
  // A damaged journal may have lost the coarser pixel.
  if (coarser === undefined || row < 0) return undefined;
  const best = coarser.bestAt(row);
  // A reco may answer with an llh alone.
  return Number.isNaN(best.x + best.y + best.z + best.t) ? undefined : { xM: best.x, yM: best.y, zM: best.z, timeNs: best.t };
}

function refined(rules: SeedRules, vertex: Vertex, zenithRad: number, azimuthRad: number): Vertex {
  if (rules.refineTimeFrom === undefined) return vertex;
  return { ...vertex, timeNs: refinedTimeNs(rules.refineTimeFrom, vertex, zenithRad, azimuthRad) };
}

const moved = (vertex: Vertex, [dx, dy, dz]: Offset): Vertex => ({
  xM: vertex.xM + dx,
  yM: vertex.yM + dy,
  zM: vertex.zM + dz,
  timeNs: vertex.timeNs,
});
const differs = (a: Vertex, b: Vertex): boolean => a.xM !== b.xM || a.yM !== b.yM || a.zM !== b.zM;
const finite = (value: number): number | null => (Number.isFinite(value) ? value : null);
const seedOf = (vertex: Vertex): Seed => ({
  xM: finite(vertex.xM),
  yM: finite(vertex.yM),
  zM: finite(vertex.zM),
  timeNs: finite(vertex.timeNs),
  energyGeV: null,
});
