type FlagValue = string | number | boolean | undefined | readonly (string | number)[];

/** Flags as they are written on a command line, from what was parsed. Undefined is left out; a list is the flag again and again. */
export function flagWords(flags: Readonly<Record<string, FlagValue>>): readonly string[] {
  return Object.entries(flags).flatMap(([name, value]) => {
    const flag = name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
    if (value === undefined) return [];
    if (typeof value === "boolean") return [value ? `--${flag}` : `--no-${flag}`];
    if (typeof value === "object") return value.map((one) => `--${flag}=${one}`);
    return [`--${flag}=${value}`];
  });
}
