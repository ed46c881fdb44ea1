/** From which modified Julian date TAI - UTC is how many seconds. Before the first entry: 32 s. */
const leapSeconds: readonly (readonly [fromMjd: number, taiMinusUtcSec: number])[] = [
  [53736, 33],
  [54832, 34],
  [56109, 35],
  [57204, 36],
  [57754, 37],
];

/** Terrestrial Time of a UTC date, both as modified Julian dates. Knows the leap seconds from 1999 on. */
export function utcToTt(mjdUtc: number): number {
  let taiMinusUtcSec = 32;
  for (const [fromMjd, sec] of leapSeconds) if (mjdUtc >= fromMjd) taiMinusUtcSec = sec;
  return mjdUtc + (32.184 + taiMinusUtcSec) / 86400;
}

/** Julian centuries since J2000.0. */
export function centuriesSinceJ2000(mjd: number): number {
  return (mjd - 51544.5) / 36525;
}
