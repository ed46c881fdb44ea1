const MICROSECONDS_OF_DAY = 86_400e6;

/** A modified Julian date (UTC) as `YYYY-MM-DDThh:mm:ss.ffffff`, to the microsecond that a double can tell; undefined for one that is no date. */
export function utcOfMjd(mjd: number): string | undefined {
  let day = Math.floor(mjd);
  let microseconds = Math.round((mjd - day) * MICROSECONDS_OF_DAY);
  if (microseconds >= MICROSECONDS_OF_DAY) {
    day++;
    microseconds = 0;
  }
  const date = new Date(Date.UTC(1858, 10, 17) + day * 86_400e3 + Math.floor(microseconds / 1000));
  if (Number.isNaN(date.getTime()) || date.getUTCFullYear() < 0 || date.getUTCFullYear() > 9999) return undefined;
  return `${date.toISOString().slice(0, -1)}${String(microseconds % 1000).padStart(3, "0")}`;
}
