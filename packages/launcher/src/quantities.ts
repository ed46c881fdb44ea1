const mebibytesOf: Readonly<Record<string, number>> = { k: 1 / 1024, m: 1, g: 1024, t: 1024 ** 2 };

export const sizeRule = "a size: a number and KB, MB, GB or TB, for example 8GB";

/** `8GB`, `512 MiB`, `0.5T` in MiB, rounded up; a bare number is MB, as in HTCondor. Undefined for what is none. Batch systems count in powers of 1024. */
export function parseMebibytes(text: string): number | undefined {
  const [, number, unit = "m"] = /^\s*(\d+(?:\.\d+)?)\s*(?:([kmgt])(?:i?b)?)?\s*$/i.exec(text) ?? [];
  const mebibytes = Math.ceil(Number(number) * (mebibytesOf[unit.toLowerCase()] ?? Number.NaN));
  return Number.isSafeInteger(mebibytes) && mebibytes > 0 ? mebibytes : undefined;
}

const secondsOf: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 };

export const durationRule = "a time: seconds, or a number and s, m, h or d, for example 8h; or HH:MM:SS";

/** `8h`, `90m`, `3600`, `02:30:00` in seconds. Undefined for what is none. */
export function parseSeconds(text: string): number | undefined {
  const [, hours, minutes, rest] = /^(\d+):([0-5]\d):([0-5]\d)$/.exec(text.trim()) ?? [];
  if (hours !== undefined) return positive(Number(hours) * 3600 + Number(minutes) * 60 + Number(rest));
  const [, number, unit = "s"] = /^(\d+(?:\.\d+)?)\s*([smhd])?$/i.exec(text.trim()) ?? [];
  return positive(Math.ceil(Number(number) * (secondsOf[unit.toLowerCase()] ?? Number.NaN)));
}

const positive = (value: number): number | undefined => (Number.isSafeInteger(value) && value > 0 ? value : undefined);
