import {
  angularDistance,
  nestChildren,
  nestParent,
  nestToRing,
  nestToUniq,
  pixelArea,
  ringDisc,
  ringToAngInto,
} from "@skyscan/healpix";
import { cellArea, type SkyCover } from "./sky-cover.ts";

/** A cover of the sky with the probability that the direction lies in each of its cells; they add up to 1. */
export interface ProbabilityMap extends SkyCover {
  readonly probability: Float64Array;
}

/**
 * exp(-(llh - lowest llh)) per solid angle, normalised over the sky: the posterior for a flat prior, as good as the likelihood. Cells
 * without a fit have 0.
 * @param floorDeg standard deviation in degrees of a Gaussian to convolve with, for recos whose likelihood is narrower than they are
 * accurate; none when undefined or 0
 */
export function probabilityOf(cover: SkyCover, floorDeg?: number): ProbabilityMap {
  const weights = Float64Array.from(cover.twoDeltaLlh, (value, cell) => Math.exp(-value / 2) * cellArea(cover, cell));
  const map = { ...cover, probability: normalised(weights) };
  return floorDeg === undefined || floorDeg === 0 ? map : smoothed(map, (floorDeg * Math.PI) / 180);
}

/** With sum 1. The lowest llh has weight above 0, so there is something to divide by. */
function normalised(weights: Float64Array): Float64Array {
  const total = sum(weights);
  return weights.map((weight) => weight / total);
}

/** Neumaier's sum: millions of terms keep their digits. */
export function sum(values: Iterable<number>): number {
  let total = 0;
  let lost = 0;
  for (const value of values) {
    const next = total + value;
    lost += Math.abs(total) >= Math.abs(value) ? total - next + value : value - next + total;
    total = next;
  }
  return total + lost;
}

/** The kernel ends here, in standard deviations; beyond are 3e-6 of it. */
const KERNEL_REACH = 5;
/** Probability, in all, that is not worth spreading. */
const NEGLIGIBLE = 1e-9;
/** Kernel evaluations, about; beyond them the grid gets coarser. */
const MAX_EVALUATIONS = 4e6;

/** Convolution with a Gaussian on the sphere. Cells that receive something are split as fine as the kernel asks for. */
function smoothed(map: ProbabilityMap, sigmaRad: number): ProbabilityMap {
  const sources = significantCells(map);
  const nside = gridNside(map, sources, sigmaRad);
  const staying = Float64Array.from(map.probability);
  const spread = new Map<number, number>();
  for (const [pixel, probability] of onGrid(map, sources, nside)) scatter(pixel, probability);
  for (const cell of sources) staying[cell] = 0;
  return gathered(map, staying, spread, nside);

  function scatter(pixel: number, probability: number): void {
    const ring = nestToRing(nside, pixel);
    const [theta, phi] = ringToAngInto(nside, ring, new Float64Array(2)) as unknown as [number, number];
    const there = new Float64Array(2);
    const around = ringDisc(nside, theta, phi, Math.min(Math.PI, KERNEL_REACH * sigmaRad));
    const weights = around.map((other) => {
      ringToAngInto(nside, other, there);
      return Math.exp(-0.5 * (angularDistance(theta, phi, there[0]!, there[1]!) / sigmaRad) ** 2);
    });
    const total = sum(weights);
    around.forEach((other, k) => spread.set(other, (spread.get(other) ?? 0) + (probability * weights[k]!) / total));
  }
}

/** The cells that hold all but a negligible part of the probability. */
function significantCells({ probability }: ProbabilityMap): number[] {
  const ascending = [...probability.keys()].sort((a, b) => probability[a]! - probability[b]!);
  let left = 0;
  const first = ascending.findIndex((cell) => (left += probability[cell]!) > NEGLIGIBLE);
  return ascending.slice(first).sort((a, b) => a - b);
}

/** Fine enough for the kernel, no finer than the result, and coarse enough to end. */
function gridNside(map: ProbabilityMap, sources: readonly number[], sigmaRad: number): number {
  const area = sources.reduce((all, cell) => all + cellArea(map, cell), 0);
  const kernelArea = Math.min(4 * Math.PI, Math.PI * (KERNEL_REACH * sigmaRad) ** 2);
  let nside = 1;
  while (nside < map.finestNside && Math.sqrt(pixelArea(nside)) > sigmaRad / 3) nside *= 2;
  while (nside > 1 && (area / pixelArea(nside)) * (kernelArea / pixelArea(nside)) > MAX_EVALUATIONS) nside /= 2;
  return nside;
}

/** Probability of NESTED pixels of the grid, from the cells given. */
function onGrid(map: ProbabilityMap, cells: readonly number[], nside: number): Map<number, number> {
  const grid = new Map<number, number>();
  const add = (pixel: number, probability: number): void => void grid.set(pixel, (grid.get(pixel) ?? 0) + probability);
  for (const cell of cells) {
    const probability = map.probability[cell]!;
    if (map.nside[cell]! > nside) {
      add(nestParent(map.nside[cell]!, map.pixel[cell]!, nside), probability);
    } else {
      const children = nestChildren(map.nside[cell]!, map.pixel[cell]!, nside);
      for (const child of children) add(child, probability / children.length);
    }
  }
  return grid;
}

/** The grid (RING pixels) laid over the cells again. */
function gathered(
  map: ProbabilityMap,
  staying: Float64Array,
  spread: ReadonlyMap<number, number>,
  nside: number,
): ProbabilityMap {
  const cells: { nside: number; pixel: number; value: number; probability: number }[] = [];
  for (let cell = 0; cell < map.pixel.length; cell++) {
    const cellNside = map.nside[cell]!;
    const pixel = map.pixel[cell]!;
    const value = map.twoDeltaLlh[cell]!;
    const own = staying[cell]!;
    const at = (gridPixel: number): number => spread.get(nestToRing(nside, gridPixel)) ?? 0;
    if (cellNside >= nside) {
      const share = (nside / cellNside) ** 2;
      const probability = own + share * at(nestParent(cellNside, pixel, nside));
      cells.push({ nside: cellNside, pixel, value, probability });
      continue;
    }
    const children = nestChildren(cellNside, pixel, nside);
    const received = children.map(at);
    const total = sum(received);
    if (total === 0) cells.push({ nside: cellNside, pixel, value, probability: own });
    else
      children.forEach((child, k) => {
        cells.push({ nside, pixel: child, value, probability: own / children.length + received[k]! });
      });
  }
  cells.sort((a, b) => nestToUniq(a.nside, a.pixel) - nestToUniq(b.nside, b.pixel));
  return {
    nside: Float64Array.from(cells, (cell) => cell.nside),
    pixel: Float64Array.from(cells, (cell) => cell.pixel),
    twoDeltaLlh: Float64Array.from(cells, (cell) => cell.value),
    finestNside: map.finestNside,
    probability: normalised(Float64Array.from(cells, (cell) => cell.probability)),
  };
}
