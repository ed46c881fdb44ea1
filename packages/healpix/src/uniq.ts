/* The UNIQ numbering of multi-order maps (IVOA MOC 2.0, section 4.3.1.1): order and NESTED pixel in one number, 4 nside^2 + pixel. */
import { HealpixError } from "./error.ts";
import { checkPixel, MAX_NSIDE } from "./nside.ts";

/** UNIQ number of a NESTED pixel. @throws HealpixError `nside`, `pixel` */
export function nestToUniq(nside: number, pixel: number): number {
  checkPixel(nside, pixel);
  return 4 * nside * nside + pixel;
}

/** nside and NESTED pixel of a UNIQ number. @throws HealpixError `argument` when it is not one, up to nside 2^24 */
export function uniqToNest(uniq: number): { readonly nside: number; readonly pixel: number } {
  if (!Number.isInteger(uniq) || uniq < 4 || uniq >= 16 * MAX_NSIDE * MAX_NSIDE) {
    throw new HealpixError("argument", `${uniq} is not a UNIQ number: an integer from 4 to ${16 * MAX_NSIDE * MAX_NSIDE - 1}`);
  }
  let nside = 1;
  while (uniq >= 16 * nside * nside) nside *= 2;
  return { nside, pixel: uniq - 4 * nside * nside };
}
