import { IceCubeError } from "../errors.ts";

/** IceCube's time (I3Time): tenths of nanoseconds since 1 January 00:00 UTC of `year`, leap seconds counted. */
export interface DaqTime {
  readonly year: number;
  readonly tenthsOfNs: bigint;
}

/** Years of IceCube's life (construction began in 2005) with a leap second on 30 June; those of 31 December do not shift anything within a year. */
const juneLeapYears: ReadonlySet<number> = new Set([2012, 2015]);
const tenthsPerSecond = 10_000_000_000n;
const secPerDay = 86400;

function modifiedJulianDayOfNewYear(year: number): number {
  return Date.UTC(year, 0, 1) / (secPerDay * 1000) + 40587;
}

function endOfJuneSec(year: number): number {
  return (Date.UTC(year, 6, 1) - Date.UTC(year, 0, 1)) / 1000;
}

/** Seconds of UTC (leap seconds not counted) and the rest in tenths of ns; @throws IceCubeError `garbled` */
function split({ year, tenthsOfNs }: DaqTime): { sec: number; tenths: number } {
  if (year < 1990 || year > 2200 || tenthsOfNs < 0n || tenthsOfNs > 367n * BigInt(secPerDay) * tenthsPerSecond) {
    throw new IceCubeError("garbled", `no time of IceCube: year ${year}, ${tenthsOfNs} tenths of ns`);
  }
  const sec = Number(tenthsOfNs / tenthsPerSecond);
  const leap = juneLeapYears.has(year) && sec > endOfJuneSec(year) ? 1 : 0;
  return { sec: sec - leap, tenths: Number(tenthsOfNs % tenthsPerSecond) };
}

/** Modified Julian date, UTC; the same double as IceTray's `mod_julian_day_double`. */
export function daqTimeToMjd(time: DaqTime): number {
  const { sec, tenths } = split(time);
  const ns = 0.1 * tenths;
  const day = Math.floor(sec / secPerDay);
  return modifiedJulianDayOfNewYear(time.year) + day + (sec - secPerDay * day + ns / 1e9) / secPerDay;
}

/** The DAQ time nearest to a modified Julian date (a double of it resolves about a microsecond). */
export function mjdToDaqTime(mjd: number): DaqTime {
  const unixMs = (mjd - 40587) * secPerDay * 1000;
  const year = Number.isFinite(unixMs) ? new Date(unixMs).getUTCFullYear() : NaN;
  if (!(year >= 1990 && year <= 2200)) throw new IceCubeError("invalid", `mjd ${mjd} is not within 1990-2200`);
  const day = Math.floor(mjd) - modifiedJulianDayOfNewYear(year);
  const tenthsOfDay = BigInt(Math.round((mjd - Math.floor(mjd)) * secPerDay * 1e7)) * 1000n;
  const plain = BigInt(day * secPerDay) * tenthsPerSecond + tenthsOfDay;
  const leap = juneLeapYears.has(year) && plain >= BigInt(endOfJuneSec(year)) * tenthsPerSecond ? tenthsPerSecond : 0n;
  return { year, tenthsOfNs: plain + leap };
}

/** For people: `2022-05-24 07:41:32.1853524946 UTC`. */
export function formatDaqTime(time: DaqTime): string {
  const { sec, tenths } = split(time);
  const iso = new Date(Date.UTC(time.year, 0, 1) + sec * 1000).toISOString();
  return `${iso.slice(0, 10)} ${iso.slice(11, 19)}.${String(tenths).padStart(10, "0")} UTC`;
}
