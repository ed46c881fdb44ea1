/* The pixels around a pixel, over the edges of the faces (Gorski et al. 2005, figure 4 for the layout of the faces). */
import { at, faceToNest, faceToRing, locateInRing, nestToFace, ring, ringToFace } from "./face.ts";
import { checkPixel } from "./nside.ts";

/** Steps to the neighbours in the order south-west, west, north-west, north, north-east, east, south-east, south. */
const STEP_X = Int8Array.of(-1, -1, 0, 1, 1, 1, 0, -1);
const STEP_Y = Int8Array.of(0, 1, 1, 1, 0, -1, -1, -1);

/** Face across each edge or corner of each face: rows S, SE, E, SW, same, NE, W, NW, N; -1 where only three faces meet. */
const FACE_ACROSS = Int8Array.of(
  ...[8, 9, 10, 11, -1, -1, -1, -1, 10, 11, 8, 9],
  ...[5, 6, 7, 4, 8, 9, 10, 11, 9, 10, 11, 8],
  ...[-1, -1, -1, -1, 5, 6, 7, 4, -1, -1, -1, -1],
  ...[4, 5, 6, 7, 11, 8, 9, 10, 11, 8, 9, 10],
  ...[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11],
  ...[1, 2, 3, 0, 0, 1, 2, 3, 5, 6, 7, 4],
  ...[-1, -1, -1, -1, 7, 4, 5, 6, -1, -1, -1, -1],
  ...[3, 0, 1, 2, 3, 0, 1, 2, 4, 5, 6, 7],
  ...[2, 3, 0, 1, -1, -1, -1, -1, 0, 1, 2, 3],
);
/** How x and y turn on that way, per row and north, equator, south: bit 0 mirrors x, bit 1 mirrors y, bit 2 swaps them. */
const TURN = Int8Array.of(
  ...[0, 0, 3],
  ...[0, 0, 6],
  ...[0, 0, 0],
  ...[0, 0, 5],
  ...[0, 0, 0],
  ...[5, 0, 0],
  ...[0, 0, 0],
  ...[6, 0, 0],
  ...[3, 0, 0],
);

type Encode = (nside: number, face: number, x: number, y: number) => number;

/** Of a pixel at the edge of its face. */
function acrossEdges(nside: number, encode: Encode, out: Float64Array): void {
  const { face, x: x0, y: y0 } = at;
  for (let k = 0; k < 8; k++) {
    let x = x0 + STEP_X[k]!;
    let y = y0 + STEP_Y[k]!;
    let way = 4;
    if (x < 0) {
      x += nside;
      way -= 1;
    } else if (x >= nside) {
      x -= nside;
      way += 1;
    }
    if (y < 0) {
      y += nside;
      way -= 3;
    } else if (y >= nside) {
      y -= nside;
      way += 3;
    }
    const other = FACE_ACROSS[way * 12 + face]!;
    if (other < 0) {
      out[k] = -1;
      continue;
    }
    const turn = TURN[way * 3 + (face >> 2)]!;
    if ((turn & 1) !== 0) x = nside - x - 1;
    if ((turn & 2) !== 0) y = nside - y - 1;
    out[k] = (turn & 4) !== 0 ? encode(nside, other, y, x) : encode(nside, other, x, y);
  }
}

/**
 * Between the polar caps, two rings away from them: every ring has 4 `nside` pixels, and every other one is shifted by half of one.
 * `row` counts from ring `nside`, `j` from 0.
 */
function inBelt(nside: number, row: number, j: number, out: Float64Array): void {
  const length = 4 * nside;
  const first = 2 * nside * (nside - 1) + row * length;
  const wrap = length - 1;
  const west = (j - (row & 1)) & wrap;
  const east = (west + 1) & wrap;
  out[0] = first + length + west;
  out[1] = first + ((j - 1) & wrap);
  out[2] = first - length + west;
  out[3] = first - 2 * length + j;
  out[4] = first - length + east;
  out[5] = first + ((j + 1) & wrap);
  out[6] = first + length + east;
  out[7] = first + 2 * length + j;
}

/** In the northern polar cap, two rings away from its end and inside a quarter of it: rings grow by one pixel in every quarter. */
function inCap(i: number, j: number, quarter: number, out: Float64Array): void {
  const here = 2 * i * (i - 1) + j;
  const north = here - 4 * (i - 1) - quarter;
  const south = here + 4 * i + quarter;
  out[0] = south;
  out[1] = here - 1;
  out[2] = north - 1;
  out[3] = north - 4 * (i - 2) - quarter - 1;
  out[4] = north;
  out[5] = here + 1;
  out[6] = south + 1;
  out[7] = south + 4 * (i + 1) + quarter + 1;
}

/** The southern polar cap is the northern one turned about an axis in the equator: pixels count backwards, neighbours lie opposite. */
function turnOver(last: number, out: Float64Array): void {
  for (let k = 0; k < 4; k++) {
    const other = last - out[k]!;
    out[k] = last - out[k + 4]!;
    out[k + 4] = other;
  }
}

/**
 * The 8 neighbours of a RING pixel as RING pixels, written into `out[0..7]` in the order south-west, west, north-west, north,
 * north-east, east, south-east, south; -1 where there is none (at 8 corners of the faces only three pixels meet).
 * @throws HealpixError `nside`, `pixel`
 */
export function ringNeighboursInto(nside: number, pixel: number, out: Float64Array): Float64Array {
  checkPixel(nside, pixel);
  locateInRing(nside, pixel);
  const { i, j, quarter } = ring;
  if (i > nside + 1 && i < 3 * nside - 1) {
    inBelt(nside, i - nside, j - 1, out);
    return out;
  }
  if (quarter < nside - 1) {
    const south = i > nside;
    const fromNorth = south ? 4 * quarter - j : j - 1;
    const which = Math.floor(fromNorth / quarter);
    const inQuarter = fromNorth - which * quarter;
    if (inQuarter > 0 && inQuarter < quarter - 1) {
      inCap(quarter, fromNorth, which, out);
      if (south) turnOver(12 * nside * nside - 1, out);
      return out;
    }
  }
  ringToFace(nside, pixel);
  acrossEdges(nside, faceToRing, out);
  return out;
}

/** As {@link ringNeighboursInto}, of a NESTED pixel as NESTED pixels. @throws HealpixError `nside`, `pixel` */
export function nestNeighboursInto(nside: number, pixel: number, out: Float64Array): Float64Array {
  checkPixel(nside, pixel);
  nestToFace(nside, pixel);
  const { face, x, y } = at;
  if (x === 0 || y === 0 || x === nside - 1 || y === nside - 1) {
    acrossEdges(nside, faceToNest, out);
    return out;
  }
  for (let k = 0; k < 8; k++) out[k] = faceToNest(nside, face, x + STEP_X[k]!, y + STEP_Y[k]!);
  return out;
}

const eight = new Float64Array(8);
const listed = (n: Float64Array): number[] => [n[0]!, n[1]!, n[2]!, n[3]!, n[4]!, n[5]!, n[6]!, n[7]!];

/** {@link ringNeighboursInto} as a list. @throws HealpixError `nside`, `pixel` */
export function ringNeighbours(nside: number, pixel: number): number[] {
  return listed(ringNeighboursInto(nside, pixel, eight));
}

/** {@link nestNeighboursInto} as a list. @throws HealpixError `nside`, `pixel` */
export function nestNeighbours(nside: number, pixel: number): number[] {
  return listed(nestNeighboursInto(nside, pixel, eight));
}
