import { barycentreToSun, sunToEarth, type EarthSeries } from "./earth-terms.ts";
import type { Vector } from "./rotation.ts";

/** Where the Earth is and how it moves, ICRS axes. */
export interface EarthMotion {
  /** Unit vector from the Sun to the Earth. */
  readonly sunToEarth: Vector;
  /** Distance from the Sun. */
  readonly distanceAu: number;
  /** Velocity about the barycentre of the Solar System, in units of the speed of light. */
  readonly velocity: Vector;
}

/** Seconds that light takes for one astronomical unit. */
const lightTimeSecPerAu = 499.004782;
const daysPerYear = 365.25;

function evaluate(series: EarthSeries, axis: number, t: number): { position: number; velocity: number } {
  let position = 0;
  let velocity = 0;
  series.forEach((axes, power) => {
    for (const [amplitude, phase, frequency] of axes[axis] as readonly [number, number, number][]) {
      const argument = phase + frequency * t;
      const cosine = Math.cos(argument);
      position += amplitude * t ** power * cosine;
      velocity -= amplitude * t ** power * frequency * Math.sin(argument);
      if (power > 0) velocity += amplitude * power * t ** (power - 1) * cosine;
    }
  });
  return { position, velocity };
}

/**
 * ERFA's `epv00` (simplified VSOP2000) with the terms that matter for the direction of light: within 0.3 mas of aberration.
 * @param t Julian centuries of TT (for TDB) since J2000.0
 */
export function earthMotion(t: number): EarthMotion {
  const years = 100 * t;
  const earth = [0, 1, 2].map((axis) => evaluate(sunToEarth, axis, years));
  const sun = [0, 1, 2].map((axis) => evaluate(barycentreToSun, axis, years));
  const [x, y, z] = earth.map(({ position }) => position) as unknown as Vector;
  const [vx, vy, vz] = earth.map(({ velocity }, axis) => velocity + sun[axis]!.velocity) as unknown as Vector;
  const toLight = lightTimeSecPerAu / (daysPerYear * 86400);
  const heliocentric = toIcrs(x, y, z);
  const distanceAu = Math.hypot(...heliocentric);
  const [ux, uy, uz] = heliocentric;
  return {
    sunToEarth: [ux / distanceAu, uy / distanceAu, uz / distanceAu],
    distanceAu,
    velocity: toIcrs(vx * toLight, vy * toLight, vz * toLight),
  };
}

/** From the ecliptic of the theory to ICRS. */
function toIcrs(x: number, y: number, z: number): Vector {
  return [
    x + 0.000000211284 * y - 0.000000091603 * z,
    -0.000000230286 * x + 0.917482137087 * y - 0.397776982902 * z,
    0.397776982902 * y + 0.917482137087 * z,
  ];
}
