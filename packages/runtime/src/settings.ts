import { readFileSync } from "node:fs";

/** How one kind of value is read from text. `parse` throws nothing: it returns undefined for what is not allowed. */
export interface ValueKind<T> {
  readonly parse: (text: string) => T | undefined;
  /** What is allowed, for messages and docs: "a number greater than 0". */
  readonly allowed: string;
}

/** One environment variable: the only place where its name, default and meaning are written. */
export interface Setting<T> {
  readonly env: string;
  readonly kind: ValueKind<T>;
  readonly default: T;
  /** One sentence for docs and help. */
  readonly doc: string;
  /** Secrets may also be given as `NAME_FILE`, and are never shown. */
  readonly secret?: boolean;
}

export type SettingTable = Readonly<Record<string, Setting<unknown>>>;
export type SettingValues<T extends SettingTable> = { readonly [K in keyof T]: T[K] extends Setting<infer V> ? V : never };

const numberKind = (allowed: string, test: (value: number) => boolean): ValueKind<number> => ({
  allowed,
  parse(text) {
    const value = Number(text.trim());
    return text.trim() !== "" && Number.isFinite(value) && test(value) ? value : undefined;
  },
});

export const positiveNumber: ValueKind<number> = numberKind("a number greater than 0", (value) => value > 0);
export const numberFromZero: ValueKind<number> = numberKind("a number, 0 or greater", (value) => value >= 0);
export const numberUpTo = (most: number): ValueKind<number> =>
  numberKind(`a number from 0 to ${most}`, (value) => value >= 0 && value <= most);
export const countFromZero: ValueKind<number> = numberKind(
  "a whole number, 0 or greater",
  (v) => Number.isSafeInteger(v) && v >= 0,
);
export const countFromOne: ValueKind<number> = numberKind(
  "a whole number, 1 or greater",
  (v) => Number.isSafeInteger(v) && v >= 1,
);
export const fraction: ValueKind<number> = numberUpTo(1);
export const countUpTo = (most: number): ValueKind<number> =>
  numberKind(`a whole number from 1 to ${most}`, (v) => Number.isSafeInteger(v) && v >= 1 && v <= most);
export const text: ValueKind<string> = { allowed: "any text", parse: (value) => value };

/** A kind whose unset value is undefined. */
export const optional = <T>(kind: ValueKind<T>): ValueKind<T | undefined> => kind;

export const oneOf = <const T extends string>(...values: readonly T[]): ValueKind<T> => ({
  allowed: `one of ${values.join(", ")}`,
  parse: (value) => values.find((candidate) => candidate === value.trim().toLowerCase()),
});

export const yesOrNo: ValueKind<boolean> = {
  allowed: "true, false, yes, no, 1 or 0",
  parse(value) {
    const word = value.trim().toLowerCase();
    if (["true", "yes", "1", "on"].includes(word)) return true;
    return ["false", "no", "0", "off", ""].includes(word) ? false : undefined;
  },
};

/**
 * The values of a table from an environment (default: this process's), frozen. An empty variable counts as unset, as the predecessor had it.
 * Every problem is added to `problems` (name, value, what is allowed); the default stands in, so that all problems are found at once.
 */
export function readSettings<T extends SettingTable>(
  table: T,
  problems: string[],
  environment: Readonly<Record<string, string | undefined>> = process.env,
): SettingValues<T> {
  const values: Record<string, unknown> = {};
  for (const [key, setting] of Object.entries(table)) {
    const given = setting.secret === true ? readSecret(setting.env, problems, environment) : environment[setting.env];
    values[key] = setting.default;
    if (given === undefined || given === "") continue;
    const value = setting.kind.parse(given);
    if (value === undefined) {
      const shown = setting.secret === true ? "(not shown)" : JSON.stringify(given);
      problems.push(`${setting.env}=${shown} is not allowed: it takes ${setting.kind.allowed}`);
    } else values[key] = value;
  }
  return Object.freeze(values) as SettingValues<T>;
}

/** `NAME`, or the content of the file that `NAME_FILE` names with one trailing newline stripped; both set is a problem. */
function readSecret(
  name: string,
  problems: string[],
  environment: Readonly<Record<string, string | undefined>>,
): string | undefined {
  const direct = environment[name];
  const file = environment[`${name}_FILE`];
  if (file === undefined || file === "") return direct;
  if (direct !== undefined && direct !== "") {
    problems.push(`${name} and ${name}_FILE are both set: give one of them`);
    return undefined;
  }
  try {
    return readFileSync(file, "utf8").replace(/\r?\n$/, "");
  } catch (error) {
    problems.push(`${name}_FILE=${file} cannot be read: ${error instanceof Error ? error.message : String(error)}`);
    return undefined;
  }
}

/** The names a table knows, with the `_FILE` variants of its secrets. */
export const settingNames = (table: SettingTable): readonly string[] =>
  Object.values(table).flatMap((setting) => (setting.secret === true ? [setting.env, `${setting.env}_FILE`] : [setting.env]));
