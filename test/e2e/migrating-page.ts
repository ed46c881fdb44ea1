import { readFile } from "node:fs/promises";
import { repositoryPath } from "@skyscan/testing";

/** A row of one of the tables of docs/migrating-from-v3.md: the code in each of its cells. */
export interface MigratingRow {
  /** What people have from v3. */
  readonly old: readonly string[];
  readonly now: readonly string[];
  /** Of the table about submit files: lines of what is submitted; `…` is anything. */
  readonly submitted: readonly string[];
  readonly unchanged: boolean;
}

export interface MigratingPage {
  /** Lines of the predecessor's README. */
  readonly lines: readonly MigratingRow[];
  /** Lines of a submit file written by hand. */
  readonly submitFile: readonly MigratingRow[];
  /** The one command of the right column of `lines` that begins so; from now on it counts as run. */
  command(beginning: string): string;
  /** Commands of the right column of `lines` that were never asked for. */
  notRun(): readonly string[];
}

/** Code in a cell, without its backticks. */
const codeIn = (cell: string): readonly string[] =>
  [...cell.matchAll(/(?<!`)(`+)(?!`)(.+?)(?<!`)\1(?!`)/g)].map(([, , code]) =>
    code!.replace(/^ (.*) $/, "$1").replaceAll("\\|", "|"),
  );

function rowOf(line: string): MigratingRow {
  const [old, now, submitted] = line.split(/(?<!\\)\|/).slice(1, -1) as [string, string, string?];
  return { old: codeIn(old), now: codeIn(now), submitted: codeIn(submitted ?? ""), unchanged: now.startsWith(" unchanged: ") };
}

/** The rows of the table with this header, which is on the page once. */
function tableOf(page: string, header: string): readonly MigratingRow[] {
  const [before, after, ...more] = page.split(`\n${header}\n`);
  if (before === undefined || after === undefined || more.length > 0)
    throw new Error(`docs/migrating-from-v3.md has not one table with the header ${header}`);
  const lines = after.split("\n");
  const end = lines.findIndex((line) => !line.startsWith("|"));
  return lines.slice(1, end).map(rowOf);
}

export async function readMigratingPage(): Promise<MigratingPage> {
  const page = await readFile(repositoryPath("docs/migrating-from-v3.md"), "utf8");
  const lines = tableOf(page, "| what you typed | what you type now |");
  const commands = lines.flatMap(({ now }) => now);
  const run = new Set<string>();
  return {
    lines,
    submitFile: tableOf(page, "| line of your submit file | flag of `start-clients` | what it submits |"),
    command(beginning) {
      const [found, ...more] = commands.filter((command) => command.startsWith(beginning));
      if (found === undefined || more.length > 0)
        throw new Error(`docs/migrating-from-v3.md has not one command that begins with ${beginning}`);
      run.add(found);
      return found;
    },
    notRun: () => commands.filter((command) => !run.has(command)),
  };
}
