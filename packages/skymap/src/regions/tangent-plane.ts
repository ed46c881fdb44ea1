import { wrapAngle, type SkyDirection } from "@skyscan/healpix";

/** A plane that touches the sky at a direction: x to the east, y to the north, areas as on the sky. */
export interface TangentPlane {
  /** Direction of a point of the plane; undefined beyond the disc of radius 2 that the whole sky fills. */
  readonly toSky: (x: number, y: number) => SkyDirection | undefined;
  /** Distance from the middle, in the plane, of what is an angle away on the sky. */
  readonly radius: (angleRad: number) => number;
  /** The direction opposite to the middle, which is the rim of the disc. */
  readonly antipode: SkyDirection;
}

/** Lambert's azimuthal equal-area projection (Snyder 1987, equations 20-14, 20-15, 24-16). */
export function tangentPlane(middle: SkyDirection): TangentPlane {
  const sinMiddle = Math.sin(middle.decRad);
  const cosMiddle = Math.cos(middle.decRad);
  return {
    toSky: (x, y) => {
      const rho = Math.hypot(x, y);
      if (rho > 2) return undefined;
      if (rho === 0) return { raRad: middle.raRad, decRad: middle.decRad };
      const angle = 2 * Math.asin(rho / 2);
      const sinAngle = Math.sin(angle);
      const cosAngle = Math.cos(angle);
      const sinDec = cosAngle * sinMiddle + (y * sinAngle * cosMiddle) / rho;
      return {
        raRad: wrapAngle(middle.raRad + Math.atan2(x * sinAngle, rho * cosMiddle * cosAngle - y * sinMiddle * sinAngle)),
        decRad: Math.asin(Math.min(1, Math.max(-1, sinDec))),
      };
    },
    radius: (angleRad) => 2 * Math.sin(angleRad / 2),
    antipode: { raRad: wrapAngle(middle.raRad + Math.PI), decRad: -middle.decRad },
  };
}
