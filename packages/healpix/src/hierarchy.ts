/* Orderings into one another, and up and down the resolutions: a pixel of nside k holds (m/k)^2 pixels of nside m, contiguous in NESTED order. */
import { HealpixError } from "./error.ts";
import { at, faceToNest, faceToRing, nestToFace, ringToFace } from "./face.ts";
import { checkNside, checkPixel } from "./nside.ts";

/** NESTED number of a RING pixel. @throws HealpixError `nside`, `pixel` */
export function ringToNest(nside: number, pixel: number): number {
  checkPixel(nside, pixel);
  ringToFace(nside, pixel);
  return faceToNest(nside, at.face, at.x, at.y);
}

/** RING number of a NESTED pixel. @throws HealpixError `nside`, `pixel` */
export function nestToRing(nside: number, pixel: number): number {
  checkPixel(nside, pixel);
  nestToFace(nside, pixel);
  return faceToRing(nside, at.face, at.x, at.y);
}

/** How many pixels wide a pixel of the coarser nside is at the finer. */
function ratio(coarse: number, fine: number): number {
  checkNside(coarse);
  checkNside(fine);
  if (fine < coarse)
    throw new HealpixError("argument", `nside ${fine} is coarser than nside ${coarse}; children are finer, parents coarser`);
  return fine / coarse;
}

/**
 * The children at `childNside` of a RING pixel of `nside`, as RING pixels, in NESTED order (the pixel itself when the nsides are equal).
 * @throws HealpixError `nside`, `pixel`, `argument` when `childNside` is coarser
 */
export function ringChildren(nside: number, pixel: number, childNside: number): number[] {
  const width = ratio(nside, childNside);
  const first = ringToNest(nside, pixel) * width * width;
  const children = new Array<number>(width * width);
  for (let k = 0; k < children.length; k++) {
    nestToFace(childNside, first + k);
    children[k] = faceToRing(childNside, at.face, at.x, at.y);
  }
  return children;
}

/** The children at `childNside` of a NESTED pixel of `nside`, ascending. @throws HealpixError as {@link ringChildren} */
export function nestChildren(nside: number, pixel: number, childNside: number): number[] {
  checkPixel(nside, pixel);
  const count = ratio(nside, childNside) ** 2;
  return Array.from({ length: count }, (_, k) => pixel * count + k);
}

/**
 * The RING pixel of the coarser `parentNside` that holds a RING pixel of `nside`.
 * @throws HealpixError `nside`, `pixel`, `argument` when `parentNside` is finer
 */
export function ringParent(nside: number, pixel: number, parentNside: number): number {
  checkPixel(nside, pixel);
  const width = ratio(parentNside, nside);
  ringToFace(nside, pixel);
  return faceToRing(parentNside, at.face, Math.floor(at.x / width), Math.floor(at.y / width));
}

/** The NESTED pixel of the coarser `parentNside` that holds a NESTED pixel of `nside`. @throws HealpixError as {@link ringParent} */
export function nestParent(nside: number, pixel: number, parentNside: number): number {
  checkPixel(nside, pixel);
  return Math.floor(pixel / ratio(parentNside, nside) ** 2);
}
