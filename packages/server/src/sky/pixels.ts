import {
  angularDistance,
  pixelArea,
  pixelCount,
  ringChildren,
  ringDisc,
  ringNeighbours,
  ringParent,
  ringToAng,
} from "@skyscan/healpix";
import type { NsideStep } from "./nsides.ts";
import type { PixelTable } from "./pixel-table.ts";
import type { PixelKey } from "./unit-key.ts";

/** Scanned neighbours whose 2Δllh differs by more than this are both refined (v3.22.1). */
const steepStep = 200_000;

/** Pixels to scan next, each with the coarser pixel whose best fit seeds it (nside 0: the event's own seed). */
export interface PlannedPixels {
  readonly nside: number;
  readonly pixels: Float64Array;
  readonly sourceNsides: Uint32Array;
  readonly sourcePixels: Float64Array;
}

export type Tables = ReadonlyMap<number, PixelTable>;

/** The complete pixel with the lowest llh over all nsides; NaN never wins. Ties: the coarser nside, then the lowest pixel, as skyreader. */
export function globalBest(tables: Tables): (PixelKey & { readonly llh: number }) | undefined {
  let best: (PixelKey & { llh: number }) | undefined;
  for (const table of tables.values()) {
    const candidate = table.best;
    if (candidate === undefined) continue;
    if (best === undefined || candidate.llh < best.llh) {
      best = { nside: table.nside, pixel: candidate.pixel, llh: candidate.llh };
    }
  }
  return best;
}

/** The whole sky at the first nside, or for a pointed scan its pixels whose centre is strictly closer than the radius to that of the pixel that holds the track. */
export function firstPixels(
  nside: number,
  pointed: { readonly pixel: number; readonly radiusRad: number } | undefined,
): Float64Array {
  if (pointed === undefined) {
    const pixels = new Float64Array(pixelCount(nside));
    for (let pixel = 0; pixel < pixels.length; pixel += 1) pixels[pixel] = pixel;
    return pixels;
  }
  const centre = ringToAng(nside, pointed.pixel);
  return Float64Array.from(ringDisc(nside, centre.thetaRad, centre.phiRad, pointed.radiusRad));
}

/**
 * The pixels that the results so far ask for beyond those there are: every step k -> m of the progression is evaluated again, up to and with
 * the step that starts at the finest nside for which `mayRefine` holds. For each: (a) scanned neighbours with a steep step between them,
 * (b) all pixels whose centre is strictly closer than sqrt(X area(k) / pi) to that of the best pixel of all nsides; each is split into its children at m.
 * Predecessor's rule (v3.22.1) with its NaN faults mended.
 */
export function refinedPixels(
  steps: readonly NsideStep[],
  tables: Tables,
  mayRefine: (nside: number) => boolean,
): readonly PlannedPixels[] {
  const best = globalBest(tables);
  if (best === undefined) return [];
  const last = steps.findLastIndex((step) => mayRefine(step.nside));
  return steps.flatMap((step, position) => {
    const finer = steps[position + 1];
    const table = tables.get(step.nside);
    if (finer === undefined || table === undefined || position > last || table.finalPixels === 0) return [];
    const parents = steepPixels(table);
    const { thetaRad, phiRad } = ringToAng(best.nside, best.pixel);
    const radiusRad = Math.sqrt((finer.extension * pixelArea(step.nside)) / Math.PI);
    for (const pixel of ringDisc(step.nside, thetaRad, phiRad, radiusRad)) parents.add(pixel);
    const planned = childrenOf(steps, tables, step.nside, finer.nside, parents);
    return planned.pixels.length > 0 ? [planned] : [];
  });
}

function steepPixels(table: PixelTable): Set<number> {
  const steep = new Set<number>();
  for (let row = 0; row < table.rows; row += 1) {
    const llh = table.complete(row) ? table.llhAt(row) : NaN;
    if (Number.isNaN(llh)) continue;
    const pixel = table.pixelAt(row);
    for (const neighbour of ringNeighbours(table.nside, pixel)) {
      const other = neighbour < 0 ? -1 : table.rowOf(neighbour);
      // NaN compares false, so an unfitted neighbour is never a step.
      if (other < 0 || !table.complete(other) || !(2 * Math.abs(llh - table.llhAt(other)) > steepStep)) continue;
      steep.add(pixel).add(neighbour);
    }
  }
  return steep;
}

function childrenOf(
  steps: readonly NsideStep[],
  tables: Tables,
  nside: number,
  finer: number,
  parents: ReadonlySet<number>,
): PlannedPixels {
  const known = tables.get(finer);
  const pixels: number[] = [];
  const sources: PixelKey[] = [];
  for (const parent of [...parents].sort((a, b) => a - b)) {
    const source = seedSource(steps, tables, nside, parent);
    for (const child of ringChildren(nside, parent, finer)) {
      if (known !== undefined && known.rowOf(child) >= 0) continue;
      pixels.push(child);
      sources.push(source);
    }
  }
  return {
    nside: finer,
    pixels: Float64Array.from(pixels),
    sourceNsides: Uint32Array.from(sources, (source) => source.nside),
    sourcePixels: Float64Array.from(sources, (source) => source.pixel),
  };
}

/** The nearest coarser pixel that is completely scanned; nside 0 when there is none or when its fit failed. */
function seedSource(steps: readonly NsideStep[], tables: Tables, nside: number, pixel: number): PixelKey {
  for (const step of steps.filter((candidate) => candidate.nside <= nside).reverse()) {
    const table = tables.get(step.nside);
    const ancestor = step.nside === nside ? pixel : ringParent(nside, pixel, step.nside);
    const row = table?.rowOf(ancestor) ?? -1;
    if (table === undefined || row < 0 || !table.complete(row)) continue;
    return Number.isNaN(table.llhAt(row)) ? { nside: 0, pixel: 0 } : { nside: step.nside, pixel: ancestor };
  }
  return { nside: 0, pixel: 0 };
}

/** Rows in the order in which they go out: the nearest to the best pixel first; without one, an even spread over the sky. */
export function dispatchOrder(table: PixelTable, rows: Uint32Array, best: PixelKey | undefined): Uint32Array {
  if (best === undefined) return spread(rows);
  const centre = ringToAng(best.nside, best.pixel);
  const distances = Float64Array.from(rows, (row) => {
    const { thetaRad, phiRad } = ringToAng(table.nside, table.pixelAt(row));
    return angularDistance(thetaRad, phiRad, centre.thetaRad, centre.phiRad);
  });
  const order = Uint32Array.from(rows, (_, position) => position);
  order.sort((a, b) => distances[a]! - distances[b]! || a - b);
  return order.map((position) => rows[position]!);
}

/** Strides by the golden ratio, so that any part of the list is spread over all of it. */
function spread(rows: Uint32Array): Uint32Array {
  const count = rows.length;
  let stride = Math.max(1, Math.round(count * 0.6180339887));
  while (greatestCommonDivisor(stride, count) > 1) stride += 1;
  return rows.map((_, position) => rows[(position * stride) % count]!);
}

const greatestCommonDivisor = (a: number, b: number): number => (b === 0 ? a : greatestCommonDivisor(b, a % b));
