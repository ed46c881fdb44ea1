import { speedOfLightMPerNs } from "@skyscan/icecube";

/** First pulse of one module; modules in the order (string, om). */
export interface FirstHit {
  readonly xM: number;
  readonly yM: number;
  readonly zM: number;
  readonly timeNs: number;
}

const cherenkovRad = Math.acos(1 / 1.3195);

/**
 * The time at which a track through `vertex` passes it, from the hit that is nearest to the track, as light at the Cherenkov angle.
 * The predecessor's algorithm, operation for operation (the nearest by strict comparison in module order); without hits the seed's own time.
 */
export function refinedTimeNs(
  hits: readonly FirstHit[],
  vertex: { readonly xM: number; readonly yM: number; readonly zM: number; readonly timeNs: number },
  zenithRad: number,
  azimuthRad: number,
): number {
  const theta = Math.PI - zenithRad;
  const phi = azimuthRad + Math.PI;
  const dx = Math.sin(theta) * Math.cos(phi);
  const dy = Math.sin(theta) * Math.sin(phi);
  const dz = Math.cos(theta);
  let nearestM = Infinity;
  let timeNs = vertex.timeNs;
  for (const hit of hits) {
    const x = hit.xM - vertex.xM;
    const y = hit.yM - vertex.yM;
    const z = hit.zM - vertex.zM;
    const alongM = -(x * dx + y * dy + z * dz);
    const distanceM = Math.sqrt(x * x + y * y + z * z - alongM * alongM);
    if (!(distanceM < nearestM)) continue;
    nearestM = distanceM;
    const delayM = alongM + distanceM / Math.tan(cherenkovRad) - distanceM / (Math.cos(cherenkovRad) * Math.sin(cherenkovRad));
    timeNs = hit.timeNs + delayM / speedOfLightMPerNs;
  }
  return timeNs;
}
