/* The pixels around a pixel, over the edges of the faces (Gorski et al. 2005, figure 4 for the layout of the faces). */
import { at, faceToNest, faceToRing, nestToFace, ringToFace } from "./face.ts";
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

function around(nside: number, face: number, x0: number, y0: number, encode: Encode): number[] {
  const result = new Array<number>(8);
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
      result[k] = -1;
      continue;
    }
    const turn = TURN[way * 3 + (face >> 2)]!;
    if ((turn & 1) !== 0) x = nside - x - 1;
    if ((turn & 2) !== 0) y = nside - y - 1;
    result[k] = (turn & 4) !== 0 ? encode(nside, other, y, x) : encode(nside, other, x, y);
  }
  return result;
}

/**
 * The 8 neighbours of a RING pixel as RING pixels, in the order south-west, west, north-west, north, north-east, east, south-east, south;
 * -1 where there is none (at 8 corners of the faces only three pixels meet). @throws HealpixError `nside`, `pixel`
 */
export function ringNeighbours(nside: number, pixel: number): number[] {
  checkPixel(nside, pixel);
  ringToFace(nside, pixel);
  return around(nside, at.face, at.x, at.y, faceToRing);
}

/** The 8 neighbours of a NESTED pixel as NESTED pixels; order and -1 as in {@link ringNeighbours}. @throws HealpixError `nside`, `pixel` */
export function nestNeighbours(nside: number, pixel: number): number[] {
  checkPixel(nside, pixel);
  nestToFace(nside, pixel);
  return around(nside, at.face, at.x, at.y, faceToNest);
}
