export { nestBoundary, nestCorners, ringBoundary, ringCorners } from "./boundary.ts";
export { nestToAng, nestToAngInto, nestToSky, nestToVec, ringToAng, ringToAngInto, ringToSky, ringToVec } from "./centre.ts";
export {
  angularDistance,
  directionToSky,
  directionToVec,
  skyDistance,
  skyToDirection,
  vecToDirection,
  wrapAngle,
} from "./direction.ts";
export type { Direction, SkyDirection } from "./direction.ts";
export { ringDisc, ringDiscRanges } from "./disc.ts";
export { HealpixError } from "./error.ts";
export type { HealpixErrorCode } from "./error.ts";
export { nestChildren, nestParent, nestToRing, ringChildren, ringParent, ringToNest } from "./hierarchy.ts";
export { angToNest, angToRing, skyToNest, skyToRing, vecToNest, vecToRing } from "./locate.ts";
export { nestNeighbours, nestNeighboursInto, ringNeighbours, ringNeighboursInto } from "./neighbours.ts";
export {
  checkNside,
  checkPixel,
  isNside,
  isPixel,
  MAX_NSIDE,
  MAX_ORDER,
  nsideToOrder,
  orderToNside,
  pixelArea,
  pixelCount,
} from "./nside.ts";
export { nestToUniq, uniqToNest } from "./uniq.ts";
