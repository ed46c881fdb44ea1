import { geoAzimuthalEqualArea, geoPath, geoProjection } from "d3-geo";
import type { GeoProjection } from "d3-geo";
import { polyline } from "./svg.ts";

/** Right ascension and declination in degrees, as GeoJSON has longitude and latitude. */
export type Position = [raDeg: number, decDeg: number];

/** A map of the sky onto the picture: equal-area, north up, right ascension growing to the left. */
export interface Projection {
  /** Scale at the middle of the map. */
  readonly pxPerRad: number;
  /** Place of a direction (degrees). */
  readonly point: (position: Position) => [x: number, y: number];
  /** Path of the outline of a pixel; in pieces where the edge of the map cuts it. */
  readonly outline: (ring: readonly Position[]) => string;
  /** Path of a line; in pieces where the edge of the map cuts it. */
  readonly line: (positions: readonly Position[]) => string;
}

const DEG = 180 / Math.PI;

/** Mollweide's projection of the unit sphere (Snyder 1987, equations 31-1 to 31-4, by Newton's method). */
function mollweide(lambdaRad: number, phiRad: number): [number, number] {
  const target = Math.PI * Math.sin(phiRad);
  let twice = 2 * phiRad;
  for (let k = 0; k < 30; k++) {
    const slope = 1 + Math.cos(twice);
    if (slope < 1e-12) break;
    const step = (twice + Math.sin(twice) - target) / slope;
    twice -= step;
    if (Math.abs(step) < 1e-9) break;
  }
  const auxiliary = twice / 2;
  return [((2 * Math.SQRT2) / Math.PI) * lambdaRad * Math.cos(auxiliary), Math.SQRT2 * Math.sin(auxiliary)];
}

/**
 * Corners of pixels lie on many round right ascensions, and a corner on the very edge of the map cannot be cut. So the edge is beside
 * them, by a hundredth of a point of the picture.
 */
const OFF_SEAM_DEG = 0.00312345;

/** The whole sky as Mollweide's ellipse, twice as wide as high. */
export function fullSkyProjection(centre: readonly [number, number], widthPx: number, centreRaRad: number): Projection {
  const centreDeg = centreRaRad * DEG + OFF_SEAM_DEG;
  const projection = geoProjection(mollweide)
    .rotate([-centreDeg, 0])
    .reflectX(true)
    .translate([...centre])
    .scale(widthPx / (4 * Math.SQRT2))
    .precision(0.3);
  const path = geoPath(projection).digits(2);
  return {
    pxPerRad: widthPx / (4 * Math.SQRT2),
    point: (position) => project(projection, position),
    outline: (ring) => {
      if (isCut(ring, centreDeg)) return path({ type: "Polygon", coordinates: [[...ring]] }) ?? "";
      return polyline(
        ring.slice(1).map((position) => project(projection, position)),
        true,
      );
    },
    line: (positions) => path({ type: "LineString", coordinates: [...positions] }) ?? "",
  };
}

/** Whether the edge of the map runs through an outline: then it needs cutting, which is slow. */
function isCut(ring: readonly Position[], centreDeg: number): boolean {
  let least = Infinity;
  let most = -Infinity;
  for (const [raDeg] of ring) {
    const turns = (raDeg - centreDeg) / 360;
    const fromCentre = turns - Math.round(turns);
    least = Math.min(least, fromCentre);
    most = Math.max(most, fromCentre);
  }
  return most - least >= 0.49;
}

/** A square of the sky around a direction, `radiusRad` (at most pi/2) from the middle to each side. */
export function zoomedProjection(
  centre: readonly [number, number],
  sidePx: number,
  direction: { readonly raRad: number; readonly decRad: number },
  radiusRad: number,
): Projection {
  const pxPerRad = sidePx / (4 * Math.sin(radiusRad / 2));
  const projection = geoAzimuthalEqualArea()
    .rotate([-direction.raRad * DEG, -direction.decRad * DEG])
    .reflectX(true)
    .translate([...centre])
    .scale(pxPerRad);
  return {
    pxPerRad,
    point: (position) => project(projection, position),
    outline: (ring) =>
      polyline(
        ring.slice(1).map((position) => project(projection, position)),
        true,
      ),
    line: (positions) =>
      polyline(
        positions.map((position) => project(projection, position)),
        false,
      ),
  };
}

function project(projection: GeoProjection, position: Position): [number, number] {
  const [x, y] = projection(position)!;
  return [x, y];
}
