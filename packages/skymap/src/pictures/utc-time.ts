const UNIX_EPOCH_MJD = 40587;
const DAY_MS = 86_400_000;

/** UTC of a modified Julian date, `2022-05-24 07:41:32 UTC`; undefined for what is no date. Leap seconds are not told apart. */
export function utcOfMjd(mjd: number): string | undefined {
  const date = new Date(Math.round(((mjd - UNIX_EPOCH_MJD) * DAY_MS) / 1000) * 1000);
  if (Number.isNaN(date.getTime())) return undefined;
  return `${date.toISOString().slice(0, 19).replace("T", " ")} UTC`;
}
