import { readFile } from "node:fs/promises";
import yargs from "yargs";
import type { Argv } from "yargs";
import { messageOf, parseForeignJson } from "@skyscan/runtime";
import { logFlags } from "../log-flags.ts";

/** What `start-clients` says itself, and what to say instead. */
const setHere: Readonly<Record<string, string>> = {
  "client-startup-json": "start-clients gives the clients its own --client-startup-json",
  slots: "give --slots-per-client",
  clients: "give --jobs",
};

/**
 * The words of the client's command line that `--client-args KEY:VALUE …` and `--client-args-json FILE` stand for; what is wrong with them is
 * added to `problems`: three hundred jobs should not have to find that out. `flags`: those of `skyscan client`.
 */
export async function clientArguments(
  words: readonly string[],
  jsonFile: string | undefined,
  flags: (parser: Argv) => Argv,
  problems: string[],
): Promise<readonly string[]> {
  const pairs = [...words.flatMap((word) => pairOf(word, problems)), ...(await pairsOf(jsonFile, problems))];
  for (const [key] of pairs) {
    const instead = setHere[key];
    if (instead !== undefined) problems.push(`--client-args ${key} is not allowed: ${instead}`);
  }
  const line = pairs.flatMap(([key, value]) => flagWords(key, value));
  const wrong = pairs.some(([key]) => key in setHere) ? undefined : await whatClientSays(line, flags);
  if (wrong !== undefined) problems.push(`--client-args: the client would refuse them: ${wrong}`);
  return line;
}

type Value = string | number | boolean | readonly (string | number)[];

function pairOf(word: string, problems: string[]): readonly (readonly [string, Value])[] {
  const [, key, value] = /^-{0,2}([A-Za-z][\w-]*):(.*)$/s.exec(word) ?? [];
  if (key !== undefined && value !== undefined) return [[key, value]];
  problems.push(`--client-args ${word} is not allowed: it takes KEY:VALUE, for example debug-directory:/data/debug`);
  return [];
}

async function pairsOf(file: string | undefined, problems: string[]): Promise<readonly (readonly [string, Value])[]> {
  if (file === undefined) return [];
  try {
    const value = parseForeignJson(await readFile(file, "utf8"));
    if (typeof value === "object" && value !== null && !Array.isArray(value)) {
      const entries = Object.entries(value);
      if (entries.every(([, one]) => isValue(one))) return entries.map(([key, one]) => [key.replace(/^-+/, ""), one as Value]);
    }
    problems.push(
      `--client-args-json ${file} is not allowed: it takes one object of flags and their values, for example {"container": "none"}`,
    );
  } catch (error) {
    problems.push(`--client-args-json ${file} cannot be read: ${messageOf(error)}`);
  }
  return [];
}

const isValue = (value: unknown): boolean =>
  ["string", "number", "boolean"].includes(typeof value) ||
  (Array.isArray(value) && value.every((one) => ["string", "number"].includes(typeof one)));

function flagWords(key: string, value: Value): readonly string[] {
  if (typeof value === "boolean") return [value ? `--${key}` : `--no-${key}`];
  return [`--${key}`, ...(typeof value === "object" ? value : [value]).map(String)];
}

/** What the client's own parser has against them. */
async function whatClientSays(line: readonly string[], flags: (parser: Argv) => Argv): Promise<string | undefined> {
  let wrong: string | undefined;
  await logFlags(flags(yargs([...line])))
    .strict()
    .help(false)
    .version(false)
    .exitProcess(false)
    .parserConfiguration({ "greedy-arrays": true })
    .fail((message: string | null, error: Error | undefined) => void (wrong ??= message ?? messageOf(error)))
    .parseAsync();
  return wrong?.replaceAll(/\s*\n\s*/g, " ");
}
