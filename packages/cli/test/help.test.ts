import { afterEach, expect, test, vi } from "vitest";
import { commandLine } from "../src/command-line.ts";

afterEach(() => vi.restoreAllMocks());

/** What a command line prints when it is asked for help. */
async function help(...words: readonly string[]): Promise<string> {
  const printed = vi.spyOn(console, "log").mockImplementation(() => undefined);
  const never = new AbortController().signal;
  expect(await commandLine([...words, "--help"], { signal: never, force: never })).toBe(0);
  const text = printed.mock.calls.map(([line]) => String(line)).join("\n");
  printed.mockRestore();
  return text;
}

/** The commands that a help lists below a group. */
const listed = (text: string, group: string): readonly string[] =>
  [...text.matchAll(new RegExp(`^ {2}skyscan ${group}([a-z][a-z-]*)`, "gm"))].map((match) => `${group}${match[1]!}`);

const groups = ["event", "recos", "result", "start-clients"];

test("every command has a help with an example of itself", async () => {
  const commands = listed(await help(), "").filter((name) => name !== "completion");
  expect(commands).toEqual(
    expect.arrayContaining(["server", "client", "scan", "demo", "doctor", "status", "scan-clean", ...groups]),
  );
  const nested: string[] = [];
  for (const group of groups) nested.push(...listed(await help(group), `${group} `));
  expect(nested).toEqual(expect.arrayContaining(["recos check", "result compare", "event dump", "start-clients stop"]));
  for (const name of [...commands, ...nested]) {
    const [, examples = ""] = (await help(...name.split(" "))).split("Examples:");
    expect(examples, name).toContain(`skyscan ${name.replace(" list", "")}`);
  }
  // Laying out the help of thirty commands keeps a processor busy for seconds.
}, 120_000);
