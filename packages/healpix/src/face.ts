/*
 * Pixels as (face, x, y): the form both orderings meet in. NESTED is the face followed by the interleaved bits of y and x;
 * RING follows from the ring number i = F1 nside - x - y - 1 (Gorski et al. 2005, section 4.2).
 *
 * The decoders leave their answer in `at`, so that conversions allocate nothing; nothing may be called between decoding and reading it.
 */

/** Ring offset F1 of the faces, equation 10. */
export const F1: Int32Array = Int32Array.of(2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4);
/** Longitude offset F2 of the faces, equation 11. */
export const F2: Int32Array = Int32Array.of(1, 3, 5, 7, 0, 2, 4, 6, 1, 3, 5, 7);

/** Where the last decoded pixel is. */
export const at = { face: 0, x: 0, y: 0 };

const TWO_24 = 2 ** 24;

/** Bits 0..11 of `v` moved to the even places 0..22. */
function spread(v: number): number {
  v = (v | (v << 8)) & 0x00ff00ff;
  v = (v | (v << 4)) & 0x0f0f0f0f;
  v = (v | (v << 2)) & 0x33333333;
  return (v | (v << 1)) & 0x55555555;
}

/** Inverse of {@link spread}: the even bits of `v`. */
function gather(v: number): number {
  v &= 0x55555555;
  v = (v | (v >>> 1)) & 0x33333333;
  v = (v | (v >>> 2)) & 0x0f0f0f0f;
  v = (v | (v >>> 4)) & 0x00ff00ff;
  return (v | (v >>> 8)) & 0x0000ffff;
}

/** NESTED number. 48 interleaved bits are made as two halves of 24, as bit operations end at 32. */
export function faceToNest(nside: number, face: number, x: number, y: number): number {
  const low = spread(x & 0xfff) | (spread(y & 0xfff) << 1);
  if (nside <= 4096) return face * nside * nside + low;
  const high = spread(x >>> 12) | (spread(y >>> 12) << 1);
  return face * nside * nside + high * TWO_24 + low;
}

export function nestToFace(nside: number, pixel: number): void {
  const facePixels = nside * nside;
  // Exact: division by a power of two of a number below 2^53.
  const face = Math.floor(pixel / facePixels);
  const rest = pixel - face * facePixels;
  at.face = face;
  if (nside <= 4096) {
    at.x = gather(rest);
    at.y = gather(rest >>> 1);
  } else {
    const high = Math.floor(rest / TWO_24);
    const low = rest - high * TWO_24;
    at.x = gather(low) | (gather(high) << 12);
    at.y = gather(low >>> 1) | (gather(high >>> 1) << 12);
  }
}

export function faceToRing(nside: number, face: number, x: number, y: number): number {
  const i = F1[face]! * nside - x - y - 1;
  const fourNside = 4 * nside;
  let pixelsPerQuarter = nside;
  let before: number;
  let shift = 0;
  if (i < nside) {
    pixelsPerQuarter = i;
    before = 2 * i * (i - 1);
  } else if (i > 3 * nside) {
    pixelsPerQuarter = fourNside - i;
    before = 12 * nside * nside - 2 * pixelsPerQuarter * (pixelsPerQuarter + 1);
  } else {
    shift = (i - nside) & 1;
    before = 2 * nside * (nside - 1) + (i - nside) * fourNside;
  }
  let j = (F2[face]! * pixelsPerQuarter + x - y + 1 + shift) >> 1;
  if (j < 1) j += fourNside;
  return before + j - 1;
}

/**
 * Ring number of a pixel of a polar cap, from the number of pixels up to and with it on that cap's side.
 * The square root needs no correction: the argument is below 2^50, where sqrt(n^2 - 1) still rounds below n.
 */
export function capRing(twicePixelPlusOne: number): number {
  return (1 + Math.floor(Math.sqrt(twicePixelPlusOne))) >> 1;
}

/** Where the last located RING pixel is: ring i from the north, pixel j in it from 1, a quarter of the ring's pixels, 1 when the ring is shifted. */
export const ring = { i: 0, j: 0, quarter: 0, shift: 0 };

/** Finest nside whose pixel numbers are below 2^31, where shifts do the work of divisions. */
export const MAX_SHORT_NSIDE = 8192;

/** Ring, counted from ring `nside`, of a pixel between the polar caps, counted from the first there. */
export function rowInBelt(nside: number, pixel: number): number {
  return nside <= MAX_SHORT_NSIDE ? pixel >> (33 - Math.clz32(nside)) : Math.floor(pixel / (4 * nside));
}

export function locateInRing(nside: number, pixel: number): void {
  const ncap = 2 * nside * (nside - 1);
  const npix = 12 * nside * nside;
  if (pixel < ncap) {
    const i = capRing(1 + 2 * pixel);
    ring.i = i;
    ring.j = pixel + 1 - 2 * i * (i - 1);
    ring.quarter = i;
    ring.shift = 0;
  } else if (pixel < npix - ncap) {
    const row = rowInBelt(nside, pixel - ncap);
    ring.i = row + nside;
    ring.j = pixel - ncap - row * 4 * nside + 1;
    ring.quarter = nside;
    ring.shift = row & 1;
  } else {
    const fromEnd = npix - pixel;
    const i = capRing(2 * fromEnd - 1);
    ring.i = 4 * nside - i;
    ring.j = 4 * i + 1 - (fromEnd - 2 * i * (i - 1));
    ring.quarter = i;
    ring.shift = 0;
  }
}

export function ringToFace(nside: number, pixel: number): void {
  locateInRing(nside, pixel);
  const { i, j, quarter, shift } = ring;
  let face: number;
  if (i < nside) {
    face = Math.floor((j - 1) / quarter);
  } else if (i > 3 * nside) {
    face = Math.floor((j - 1) / quarter) + 8;
  } else {
    const order = 31 - Math.clz32(nside);
    const row = i - nside + 1;
    const ascending = (j - (row >> 1) + nside - 1) >> order;
    const descending = (j - ((2 * nside + 2 - row) >> 1) + nside - 1) >> order;
    face = descending === ascending ? descending | 4 : descending < ascending ? descending : ascending + 8;
  }
  const down = i - F1[face]! * nside + 1;
  let along = 2 * j - F2[face]! * quarter - shift - 1;
  if (along >= 2 * nside) along -= 8 * nside;
  at.face = face;
  at.x = (along - down) >> 1;
  at.y = (-along - down) >> 1;
}
