import { createHash } from "node:crypto";

/** A number in [0, 1) that depends on the text alone. */
export function fractionOf(text) {
  return createHash("sha256").update(text).digest().readUInt32BE(0) / 2 ** 32;
}

const rad = Math.PI / 180;
/** Width of the bump. */
const sigmaRad = 1 * rad;
/** How much a metre of seed off the made-up vertex costs. */
const perSquareMetre = 1e-5;

/**
 * A likelihood that looks like one: quadratic in the angular distance to a direction that the event's ids choose, with a small ripple,
 * and in the distance of the seed to a vertex that they choose too.
 * @param {{runId: number, eventId: number} | null} event
 */
export function createSky(event) {
  const name = event === null ? "no event" : `${event.runId}/${event.eventId}`;
  const raRad = 2 * Math.PI * fractionOf(`ra ${name}`);
  const decRad = Math.asin(1.8 * fractionOf(`dec ${name}`) - 0.9);
  const vertex = ["x", "y", "z"].map((axis) => 600 * fractionOf(`${axis} ${name}`) - 300);

  return (unit) => {
    const { direction, seed } = unit;
    const havD = Math.sin((direction.decRad - decRad) / 2) ** 2;
    const havR = Math.sin((direction.raRad - raRad) / 2) ** 2;
    const distanceRad = 2 * Math.asin(Math.min(1, Math.sqrt(havD + Math.cos(direction.decRad) * Math.cos(decRad) * havR)));
    const ripple = 0.2 * (1 - Math.cos(40 * distanceRad + 3 * direction.raRad)) * Math.min(1, distanceRad / sigmaRad);
    const position = [seed?.xM ?? 0, seed?.yM ?? 0, seed?.zM ?? 0];
    const offsetSquared = position.reduce((sum, at, axis) => sum + (at - vertex[axis]) ** 2, 0);
    const llh = 1000 + 0.5 * (distanceRad / sigmaRad) ** 2 + ripple + perSquareMetre * offsetSquared;
    return {
      llh,
      eInGeV: 1e5 / (1 + distanceRad),
      eTotGeV: 1.2e5 / (1 + distanceRad),
      xM: position[0],
      yM: position[1],
      zM: position[2],
      timeNs: seed?.timeNs ?? null,
    };
  };
}
