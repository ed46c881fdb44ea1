/** Distances between the lines of a grid, in degrees, that people can read. */
const STEPS_DEG = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30] as const;
const MAX_STEP_DEG = 30;

/** The smallest readable step that is no smaller than the wanted one; 30 at most. */
export function gridStepDeg(wantedDeg: number): number {
  return STEPS_DEG.find((step) => step >= wantedDeg * 0.999) ?? MAX_STEP_DEG;
}

/** Multiples of a step from `fromDeg` to `toDeg`. */
export function multiplesBetween(fromDeg: number, toDeg: number, stepDeg: number): number[] {
  const first = Math.ceil(fromDeg / stepDeg - 1e-9);
  const last = Math.floor(toDeg / stepDeg + 1e-9);
  const digits = decimalsOf(stepDeg);
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, k) => Number(((first + k) * stepDeg).toFixed(digits)));
}

function decimalsOf(stepDeg: number): number {
  return Math.max(0, Math.ceil(-Math.log10(stepDeg) - 1e-9));
}

/** Label of a right ascension on a grid: `154.2°`, in [0, 360). */
export function raLabel(raDeg: number, stepDeg: number): string {
  const digits = decimalsOf(stepDeg);
  const wrapped = Number((raDeg - 360 * Math.floor(raDeg / 360)).toFixed(digits));
  return `${(wrapped >= 360 ? 0 : wrapped).toFixed(digits)}°`;
}

/** Label of a declination on a grid: `+3.4°`, `0°`, `−30°`. */
export function decLabel(decDeg: number, stepDeg: number): string {
  const written = Math.abs(decDeg).toFixed(decimalsOf(stepDeg));
  return `${Number(written) === 0 ? "" : decDeg < 0 ? "−" : "+"}${written}°`;
}
