/**
 * A finite number as Python's `repr` prints a float: shortest digits that read back, always with `.0` or an exponent,
 * exponents from 1e16 and below 1e-4, of at least two digits.
 */
export function pythonFloat(value: number): string {
  if (value === 0) return Object.is(value, -0) ? "-0.0" : "0.0";
  const size = Math.abs(value);
  if (size >= 1e-4 && size < 1e16) return Number.isInteger(value) ? `${value}.0` : String(value);
  const [digits, exponent] = value.toExponential().split("e") as [string, string];
  return `${digits}e${exponent[0]!}${exponent.slice(1).padStart(2, "0")}`;
}
