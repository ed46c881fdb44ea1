import { particleShape, type Geometry, type Position } from "@skyscan/icecube";
import { respond, responseOptions, type ResponseOptions } from "./detector-response.ts";
import { travelDirection } from "./light.ts";
import type { Random } from "./random.ts";
import { simulate, type SimulatedEvent, type SimulationOptions } from "./simulated-event.ts";
import { lightOfTrack, type Track } from "./track-light.ts";

const defaults: ResponseOptions = { brightness: 40, jitterNs: 4, noiseHz: 500, windowNs: 20_000 };
/** When the particle is closest to the detector's centre. */
const passageNs = 9000;
/** The closest point of the track lies within this distance of the centre. */
const maxImpactM = 350;

/**
 * Simulates a muon track through the detector by the model that the `pandel` recos assume: homogeneous ice, light from a bare
 * track, Pandel distributed delays. Without `origin` it is horizontal or upgoing in the detector. Real ice is layered and real
 * tracks have bright spots, so recos do better here than there.
 * @throws IceCubeError `invalid` when an option is out of range, or no track of that direction lights enough modules
 */
export function simulateTrack(options: SimulationOptions): SimulatedEvent {
  const response = responseOptions(options, defaults);
  return simulate(options, {
    kind: "track",
    pdg: 13,
    shape: particleShape.infiniteTrack,
    response,
    draw(random, geometry, ice, given) {
      const { zenithRad, azimuthRad } = given ?? drawDirection(random);
      const direction = travelDirection(zenithRad, azimuthRad);
      const track: Track = { point: drawImpact(random, geometry, direction), timeNs: passageNs, direction };
      const detector = respond((dom) => lightOfTrack(track, dom, ice), ice, geometry, random, response);
      return { zenithRad, azimuthRad, vertex: track.point, timeNs: passageNs, detector };
    },
  });
}

/** Isotropic from 10 degrees above the horizon downwards, so that the tracks are those of neutrinos. */
function drawDirection(random: Random): { zenithRad: number; azimuthRad: number } {
  const highest = Math.sin(Math.PI / 18);
  return { zenithRad: Math.acos(highest - random.uniform() * (1 + highest)), azimuthRad: 2 * Math.PI * random.uniform() };
}

/** The closest point to the detector's centre: uniform in a disc across the track. */
function drawImpact(random: Random, geometry: Geometry, [dx, dy, dz]: readonly [number, number, number]): Position {
  const radiusM = maxImpactM * Math.sqrt(random.uniform());
  const angle = 2 * Math.PI * random.uniform();
  const horizontal = Math.hypot(dx, dy);
  const [ux, uy] = horizontal > 0 ? [dy / horizontal, -dx / horizontal] : [1, 0];
  const [vx, vy, vz] = [-dz * uy, dz * ux, dx * uy - dy * ux];
  const u = radiusM * Math.cos(angle);
  const v = radiusM * Math.sin(angle);
  const centre = centreOf(geometry);
  return { xM: centre.xM + u * ux + v * vx, yM: centre.yM + u * uy + v * vy, zM: centre.zM + v * vz };
}

function centreOf({ doms }: Geometry): Position {
  const mean = (pick: (place: Position) => number): number => doms.reduce((sum, dom) => sum + pick(dom), 0) / doms.length;
  return { xM: mean(({ xM }) => xM), yM: mean(({ yM }) => yM), zM: mean(({ zM }) => zM) };
}
