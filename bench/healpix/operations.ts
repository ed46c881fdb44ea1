import { angToRing, nestToRing, ringDisc, ringNeighboursInto, ringToAngInto, ringToNest } from "@skyscan/healpix";

/** What both sides compute with; the same numbers on both. */
export interface Inputs {
  readonly thetaRad: Float64Array;
  readonly phiRad: Float64Array;
  readonly pixels: Int32Array;
  readonly radiusRad: number;
}

/** One operation as a loop of scalar calls, each with what a caller would do with the answer. */
export interface Operation {
  readonly name: string;
  /** Of so many inputs one is used: a disc is many pixels. */
  readonly oneOf: number;
  /** Returns the sum of all answers, by which the two sides are compared. */
  run(nside: number, inputs: Inputs): number;
}

function ang2pix(nside: number, { thetaRad, phiRad }: Inputs): number {
  let sum = 0;
  for (let k = 0; k < thetaRad.length; k++) sum += angToRing(nside, thetaRad[k]!, phiRad[k]!);
  return sum;
}

function pix2ang(nside: number, { pixels }: Inputs): number {
  const ang = new Float64Array(2);
  let sum = 0;
  for (let k = 0; k < pixels.length; k++) {
    ringToAngInto(nside, pixels[k]!, ang);
    sum += ang[0]! + ang[1]!;
  }
  return sum;
}

function neighbours(nside: number, { pixels }: Inputs): number {
  const around = new Float64Array(8);
  let sum = 0;
  for (let k = 0; k < pixels.length; k++) {
    ringNeighboursInto(nside, pixels[k]!, around);
    for (let n = 0; n < 8; n++) sum += around[n]!;
  }
  return sum;
}

function disc(nside: number, { thetaRad, phiRad, radiusRad }: Inputs): number {
  let sum = 0;
  for (let k = 0; k < thetaRad.length; k++) {
    const pixels = ringDisc(nside, thetaRad[k]!, phiRad[k]!, radiusRad);
    for (let n = 0; n < pixels.length; n++) sum += pixels[n]!;
  }
  return sum;
}

function ring2nest(nside: number, { pixels }: Inputs): number {
  let sum = 0;
  for (let k = 0; k < pixels.length; k++) sum += ringToNest(nside, pixels[k]!);
  return sum;
}

function nest2ring(nside: number, { pixels }: Inputs): number {
  let sum = 0;
  for (let k = 0; k < pixels.length; k++) sum += nestToRing(nside, pixels[k]!);
  return sum;
}

export const operations: readonly Operation[] = [
  { name: "ang2pix", oneOf: 1, run: ang2pix },
  { name: "pix2ang", oneOf: 1, run: pix2ang },
  { name: "neighbours", oneOf: 1, run: neighbours },
  { name: "disc", oneOf: 50, run: disc },
  { name: "ring2nest", oneOf: 1, run: ring2nest },
  { name: "nest2ring", oneOf: 1, run: nest2ring },
];
