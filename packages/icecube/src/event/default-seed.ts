import { IceCubeError } from "../errors.ts";
import type { Geometry } from "../geometry/geometry.ts";
import { lastInIceOm } from "./event-for-reco.ts";
import type { Event } from "./event.ts";

/** Where and when a fit starts. */
export interface VertexSeed {
  readonly xM: number;
  readonly yM: number;
  readonly zM: number;
  readonly timeNs: number;
}

/** Bright modules near the track must not pull the centre to themselves. */
const maxChargePerDom = 100;

/**
 * The vertex a scan starts from: `HESE_VHESelfVetoVertexPos/Time` when the event has it, else `SeedVertexPos/Time`, else the
 * charge-weighted mean position and time of the in-ice pulses, charge capped at 100 photo-electrons per module.
 * @throws IceCubeError `missing` when there are no in-ice pulses either
 */
export function defaultSeed(event: Event, geometry: Geometry): VertexSeed {
  for (const name of ["HESE_VHESelfVetoVertex", "SeedVertex"]) {
    const vertex = event.vertices[name];
    if (vertex?.timeNs === undefined) continue;
    const { xM, yM, zM, timeNs } = vertex;
    if (Number.isFinite(xM + yM + zM + timeNs)) return { xM, yM, zM, timeNs };
  }
  return chargeCentre(event, geometry);
}

function chargeCentre(event: Event, geometry: Geometry): VertexSeed {
  let weight = 0;
  const sum = { xM: 0, yM: 0, zM: 0, timeNs: 0 };
  for (const { string, om, pulses } of event.doms) {
    const place = om <= lastInIceOm ? geometry.dom(string, om) : undefined;
    const charge = pulses.reduce((total, [, pulseCharge]) => total + Math.max(0, pulseCharge), 0);
    if (place === undefined || !(charge > 0)) continue;
    const scale = Math.min(1, maxChargePerDom / charge);
    weight += scale * charge;
    sum.xM += scale * charge * place.xM;
    sum.yM += scale * charge * place.yM;
    sum.zM += scale * charge * place.zM;
    for (const [timeNs, pulseCharge] of pulses) sum.timeNs += scale * Math.max(0, pulseCharge) * timeNs;
  }
  if (weight === 0) throw new IceCubeError("missing", `${event.name} has no in-ice pulses and no recorded vertex to start from`);
  return { xM: sum.xM / weight, yM: sum.yM / weight, zM: sum.zM / weight, timeNs: sum.timeNs / weight };
}
