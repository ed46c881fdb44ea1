import { IceCubeError, particleShape, type Geometry, type Position } from "@skyscan/icecube";
import { lightOfCascade, type Cascade } from "./cascade-light.ts";
import { respond, responseOptions, type ResponseOptions } from "./detector-response.ts";
import { travelDirection } from "./light.ts";
import type { Random } from "./random.ts";
import { simulate, type SimulatedEvent, type SimulationOptions } from "./simulated-event.ts";

const defaults: ResponseOptions = { brightness: 5000, jitterNs: 4, noiseHz: 500, windowNs: 20_000 };
const showerNs = 9000;
/** The shower is this close to some module, so that it lies in the detector whatever its shape. */
const maxFromModuleM = 60;

/**
 * Simulates the light of a particle shower inside the detector: a point that shines most along the Cherenkov angle, Pandel
 * distributed delays, the same detector response as a track's. Without `origin` it comes from anywhere. A cascade is no track: what a
 * track reco says of its direction means nothing.
 * @throws IceCubeError `invalid` when an option is out of range, or no cascade lights enough modules
 */
export function simulateCascade(options: SimulationOptions): SimulatedEvent {
  const response = responseOptions(options, defaults);
  return simulate(options, {
    kind: "cascade",
    pdg: 11,
    shape: particleShape.cascade,
    response,
    draw(random, geometry, ice, given) {
      const { zenithRad, azimuthRad } = given ?? drawDirection(random);
      const direction = travelDirection(zenithRad, azimuthRad);
      const cascade: Cascade = { vertex: drawVertex(random, geometry), timeNs: showerNs, direction };
      const detector = respond((dom) => lightOfCascade(cascade, dom, ice), ice, geometry, random, response);
      return { zenithRad, azimuthRad, vertex: cascade.vertex, timeNs: showerNs, detector };
    },
  });
}

const drawDirection = (random: Random): { zenithRad: number; azimuthRad: number } => ({
  zenithRad: Math.acos(1 - 2 * random.uniform()),
  azimuthRad: 2 * Math.PI * random.uniform(),
});

/** Uniform in the ball around a module drawn among all. */
function drawVertex(random: Random, { doms, name }: Geometry): Position {
  const near = doms[Math.floor(random.uniform() * doms.length)];
  if (near === undefined) throw new IceCubeError("invalid", `geometry ${name} has no modules`);
  const { zenithRad, azimuthRad } = drawDirection(random);
  const [x, y, z] = travelDirection(zenithRad, azimuthRad);
  const distanceM = maxFromModuleM * Math.cbrt(random.uniform());
  return { xM: near.xM + x * distanceM, yM: near.yM + y * distanceM, zM: near.zM + z * distanceM };
}
