import fc from "fast-check";
import { MAX_ORDER } from "../src/index.ts";

/** An nside and one of its pixels, with the ends of rings, caps and faces far more often than by chance. */
export const pixels: fc.Arbitrary<[number, number]> = fc.integer({ min: 0, max: MAX_ORDER }).chain((order) => {
  const nside = 2 ** order;
  const npix = 12 * nside * nside;
  const cap = 2 * nside * (nside - 1);
  const near = [
    0,
    3,
    4,
    cap,
    npix / 2,
    npix - cap,
    npix - 4,
    npix - 1,
    ...Array.from({ length: 12 }, (_, f) => f * nside * nside),
  ];
  const edge = fc
    .tuple(fc.constantFrom(...near), fc.integer({ min: -3, max: 3 }))
    .map(([p, d]) => Math.min(Math.max(p + d, 0), npix - 1));
  return fc.tuple(
    fc.constant(nside),
    fc.oneof(
      edge,
      fc.maxSafeInteger().map((n) => Math.abs(n) % npix),
    ),
  );
});

/** Directions with the poles, the seam at longitude 0, the borders of the caps and the corners of the faces. */
export const theta: fc.Arbitrary<number> = fc.oneof(
  fc.double({ min: 0, max: Math.PI, noNaN: true }),
  fc.constantFrom(0, Math.PI, Math.PI / 2, Math.acos(2 / 3), Math.acos(-2 / 3), 1e-12, Math.PI - 1e-9, 1e-5, 0.00999999),
);
export const phi: fc.Arbitrary<number> = fc.oneof(
  fc.double({ min: -7, max: 14, noNaN: true }),
  fc.constantFrom(0, Math.PI / 4, Math.PI / 2, Math.PI, 2 * Math.PI, 6.283185307179586, -1e-300, 1e-300, 2 * Math.PI - 1e-15),
);
