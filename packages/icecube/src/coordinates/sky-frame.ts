import { IceCubeError } from "../errors.ts";
import { earthMotion } from "./earth-motion.ts";
import { biasPrecessionNutation } from "./precession-nutation.ts";
import { apply, dot, multiply, rotateZ, transpose, type Matrix, type Vector } from "./rotation.ts";
import { greenwichApparentSiderealTimeRad } from "./sidereal-time.ts";
import { centuriesSinceJ2000, utcToTt } from "./time-scales.ts";

/** A direction in the sky, ICRS. */
export interface Equatorial {
  readonly raRad: number;
  readonly decRad: number;
}

/** A direction in detector coordinates: where the particle comes *from*. */
export interface DetectorDirection {
  readonly zenithRad: number;
  readonly azimuthRad: number;
}

/** The sky over the detector at one instant. Cheap per direction (below a microsecond); making one costs about 0.2 ms. */
export interface SkyFrame {
  readonly mjd: number;
  /** Zenith in [0, pi], azimuth in [0, 2 pi). */
  equaToDir(raRad: number, decRad: number): DetectorDirection;
  /** The exact inverse: ra in [0, 2 pi). */
  dirToEqua(zenithRad: number, azimuthRad: number): Equatorial;
}

/** IceCube's place as its own software has it. */
const latitudeRad = (-89.9944 * Math.PI) / 180;
const longitudeRad = (-62.6081 * Math.PI) / 180;
/** Twice the gravitational radius of the Sun, AU. */
const deflectionAu = 2 * 9.87063e-9;

/**
 * The transformation between ICRS and detector coordinates at `mjd` (UTC): light deflection by the Sun, annual aberration, frame
 * bias, precession (IAU 2006), nutation (IAU 2000B), sidereal time; no refraction, polar motion or UT1-UTC. Agrees with
 * IceCube's `astro.equa_to_dir` (Starlink PAL over ERFA) to about 2 mas between 2011 and 2026.
 * @throws IceCubeError `invalid` when `mjd` is not between 1990 and 2100, where the series are good
 */
export function createSkyFrame(mjd: number): SkyFrame {
  if (!(mjd >= 47892 && mjd <= 88069))
    throw new IceCubeError("invalid", `mjd ${mjd} is not between 47892 (1990) and 88069 (2100)`);
  const t = centuriesSinceJ2000(utcToTt(mjd));
  const { sunToEarth: e, distanceAu, velocity: v } = earthMotion(t);
  const weight = deflectionAu / distanceAu;
  const lorentz = Math.sqrt(1 - dot(v, v));
  const toDetector = multiply(horizon, rotateZ(greenwichApparentSiderealTimeRad(mjd) + longitudeRad), biasPrecessionNutation(t));
  const fromDetector = transpose(toDetector);

  /** Where the direction `q` is seen from the moving Earth. */
  const toApparent = (q: Vector): Vector => {
    const qe = dot(q, e);
    const w = weight / Math.max(1 + qe, 1e-5);
    const x = q[0] + w * (e[0] - qe * q[0]);
    const y = q[1] + w * (e[1] - qe * q[1]);
    const z = q[2] + w * (e[2] - qe * q[2]);
    const f = 1 + (x * v[0] + y * v[1] + z * v[2]) / (lorentz + 1);
    return normalize(lorentz * x + f * v[0], lorentz * y + f * v[1], lorentz * z + f * v[2]);
  };

  return {
    mjd,
    equaToDir(raRad, decRad) {
      const [x, y, z] = apply(toDetector, toApparent(fromAngles(raRad, decRad)));
      // Axes of `horizon`: x south, y east, z up; IceCube's azimuth = pi/2 - (azimuth from north by east) - longitude.
      const azimuthFromNorth = Math.atan2(y, -x);
      return { zenithRad: Math.atan2(Math.hypot(x, y), z), azimuthRad: wrap(Math.PI / 2 - azimuthFromNorth - longitudeRad) };
    },
    dirToEqua(zenithRad, azimuthRad) {
      const azimuthFromNorth = Math.PI / 2 - azimuthRad - longitudeRad;
      const s = Math.sin(zenithRad);
      const apparent = apply(fromDetector, [
        -s * Math.cos(azimuthFromNorth),
        s * Math.sin(azimuthFromNorth),
        Math.cos(zenithRad),
      ]);
      // The shift is at most 1e-4 and changes by 1e-4 of itself from step to step.
      let q = apparent;
      for (let step = 0; step < 5; step++) {
        const seen = toApparent(q);
        q = normalize(q[0] + apparent[0] - seen[0], q[1] + apparent[1] - seen[1], q[2] + apparent[2] - seen[2]);
      }
      return { raRad: wrap(Math.atan2(q[1], q[0])), decRad: Math.atan2(q[2], Math.hypot(q[0], q[1])) };
    },
  };
}

/** From equatorial axes turned to the local meridian (x on it, y east) to the horizon (x south, y east, z up). */
const horizon: Matrix = [
  [Math.sin(latitudeRad), 0, -Math.cos(latitudeRad)],
  [0, 1, 0],
  [Math.cos(latitudeRad), 0, Math.sin(latitudeRad)],
];

function fromAngles(raRad: number, decRad: number): Vector {
  const c = Math.cos(decRad);
  return [c * Math.cos(raRad), c * Math.sin(raRad), Math.sin(decRad)];
}

function normalize(x: number, y: number, z: number): Vector {
  const length = Math.sqrt(x * x + y * y + z * z);
  return [x / length, y / length, z / length];
}

function wrap(angleRad: number): number {
  const turn = 2 * Math.PI;
  const wrapped = angleRad - turn * Math.floor(angleRad / turn);
  return wrapped < turn ? wrapped : 0;
}

/** One direction at one instant; for many at the same instant make one `createSkyFrame`. */
export function equaToDir(raRad: number, decRad: number, mjd: number): DetectorDirection {
  return createSkyFrame(mjd).equaToDir(raRad, decRad);
}

/** One direction at one instant; for many at the same instant make one `createSkyFrame`. */
export function dirToEqua(zenithRad: number, azimuthRad: number, mjd: number): Equatorial {
  return createSkyFrame(mjd).dirToEqua(zenithRad, azimuthRad);
}
