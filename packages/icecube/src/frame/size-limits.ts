import { IceCubeError } from "../errors.ts";

/** Real frames have less than two hundred objects. */
const maxObjects = 4096;
/** IceCube has 5,484 modules. */
const maxModules = 20_000;
/** Bright events have some ten thousand pulses; a few bytes of a packed frame can announce millions. */
const maxPulses = 200_000;

function limited(count: number, limit: number, what: string): number {
  if (count > limit) throw new IceCubeError("too-large", `${count} ${what}; at most ${limit} are read`);
  return count;
}

/** Each gives its argument back. @throws IceCubeError `too-large` */
export const limitObjects = (count: number): number => limited(count, maxObjects, "objects in a frame");
export const limitModules = (count: number): number => limited(count, maxModules, "modules");
export const limitPulses = (count: number): number => limited(count, maxPulses, "pulses");
