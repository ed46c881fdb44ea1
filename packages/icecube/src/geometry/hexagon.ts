import { IceCubeError } from "../errors.ts";
import { createGeometry, type Dom, type Geometry } from "./geometry.ts";

/** A regular detector: strings on a hexagonal grid about the origin, modules at equal distances, centred in z. */
export interface HexagonOptions {
  /** Rings of strings around the central one: 1 + 3 rings (rings + 1) strings. */
  readonly rings: number;
  readonly stringSpacingM: number;
  readonly modulesPerString: number;
  readonly moduleSpacingM: number;
}

/** IceCube's spacings, 61 strings. */
export const defaultHexagon: HexagonOptions = { rings: 4, stringSpacingM: 125, modulesPerString: 60, moduleSpacingM: 17 };

/**
 * A generated regular detector. Strings are numbered from 1, row by row with ascending y, then x; om 1 is the highest.
 * Its name, for instance `hexagon:4:125:60:17`, holds the parameters.
 * @throws IceCubeError `invalid`
 */
export function hexagon(options: HexagonOptions = defaultHexagon): Geometry {
  const { rings, stringSpacingM, modulesPerString, moduleSpacingM } = options;
  if (!isWithin(rings, 0, 20) || !isWithin(modulesPerString, 1, 60) || !(stringSpacingM > 0) || !(moduleSpacingM > 0)) {
    throw new IceCubeError(
      "invalid",
      `hexagon ${JSON.stringify(options)}: rings 0-20, modulesPerString 1-60, spacings above 0 are allowed`,
    );
  }
  const doms: Dom[] = [];
  let string = 0;
  for (let row = -rings; row <= rings; row++) {
    const inRow = 2 * rings + 1 - Math.abs(row);
    for (let column = 0; column < inRow; column++) {
      string++;
      const xM = stringSpacingM * (column - (inRow - 1) / 2);
      const yM = (stringSpacingM * row * Math.sqrt(3)) / 2;
      for (let om = 1; om <= modulesPerString; om++) {
        doms.push({ string, om, xM, yM, zM: moduleSpacingM * ((modulesPerString + 1) / 2 - om) });
      }
    }
  }
  return createGeometry(`hexagon:${rings}:${stringSpacingM}:${modulesPerString}:${moduleSpacingM}`, doms);
}

function isWithin(value: number, low: number, high: number): boolean {
  return Number.isInteger(value) && value >= low && value <= high;
}
