// Reads every command of README.md and docs, as bash and the program's own parser do; runs those that need nothing but this machine.
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { chmod, copyFile, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { encodeEvent, loadGeometry } from "@skyscan/icecube";
import { simulateTrack } from "@skyscan/simulation";
import { dataMissing, dataPath, repositoryPath, temporaryDirectory } from "@skyscan/testing";
import { commandLine } from "../src/command-line.ts";
import {
  clientLine,
  elsewhere,
  endedLines,
  notCommands,
  serverLine,
  toolLines,
  waitLine,
  waitingLines,
  watchLine,
} from "./docs-lines.ts";
import { docsCommands } from "./docs-pages.ts";
import { createDocsShell } from "./docs-shell.ts";
import type { DocsShell } from "./docs-shell.ts";

/** A command would begin now: all that the parser looks at was right. */
class Begun extends Error {}
vi.mock(import("../src/process.ts"), async (original) => ({
  ...(await original()),
  commandLogger: () => {
    throw new Begun();
  },
}));

const blocksSeen = new Set<string>();
const commands = await docsCommands(notCommands, (line) => blocksSeen.add(line));
const run = new Set([...toolLines, ...waitingLines, ...endedLines, serverLine, clientLine, waitLine, watchLine]);
const rowOf = (line: string): string | undefined => Object.keys(elsewhere).find((start) => line.startsWith(start));

describe("every command on README.md and in docs", () => {
  test("is run here, or has its place or its reason, and nothing else has", () => {
    const lines = commands.map(({ line }) => line);
    const nowhere = commands.filter(({ line }) => !run.has(line) && rowOf(line) === undefined);
    expect(nowhere.map(({ page, line }) => `${page}: ${line}`)).toEqual([]);
    expect([...run].filter((line) => !lines.includes(line))).toEqual([]);
    const used = new Set(lines.filter((line) => !run.has(line)).map(rowOf));
    expect(Object.keys(elsewhere).filter((start) => !used.has(start))).toEqual([]);
    expect([...notCommands].filter((line) => !blocksSeen.has(line))).toEqual([]);
    const files = Object.values(elsewhere).flatMap((where) => where.match(/\S+\.test\.ts/g) ?? []);
    expect(files.filter((file) => !existsSync(repositoryPath(file)))).toEqual([]);
  });

  let shell: DocsShell;
  beforeAll(async () => {
    shell = await createDocsShell();
  });
  afterAll(() => shell.remove());

  /** What of a call are words of `skyscan`; undefined when it is another program's. */
  function skyscanWords([program = "", ...args]: readonly string[]): readonly string[] | undefined {
    if (/(^|\/)skyscan$/.test(program)) return args;
    if (program === "npx" && args[0] === "skyscan") return args.slice(1);
    if (program === "node" && ["server", "client"].includes(args[0]!)) return args;
    const [, side] = /launch_(server|client)\.sh$/.exec(program) ?? [];
    return side === undefined ? undefined : [side, ...args];
  }
  /** What the page leaves to its reader: a value, or more flags. */
  function completed(words: readonly string[]): readonly string[] {
    const open = words.includes("…");
    const filled = words.flatMap((word, at) =>
      word !== "…" ? [word] : words[at - 1]?.startsWith("--") === true ? ["VALUE"] : [],
    );
    return open && words[0] === "server" && !words.includes("--event-file") ? [...filled, "--event-file", "EVENT.json"] : filled;
  }

  test("is understood by bash, and each skyscan by the program's parser", async () => {
    const never = new AbortController().signal;
    let parsed = 0;
    for (const { page, line } of commands) {
      for (const call of await shell.read(line)) {
        const words = skyscanWords(call);
        if (words === undefined) continue;
        const end = commandLine(completed(words), { signal: never, force: never });
        await expect(end, `${page}: ${line}`).rejects.toBeInstanceOf(Begun);
        parsed += 1;
      }
    }
    expect(parsed).toBeGreaterThan(50);
  });

  test("that npm runs is a script, and its usage has the options", async () => {
    const { scripts } = JSON.parse(await readFile(repositoryPath("package.json"), "utf8")) as {
      readonly scripts: Readonly<Record<string, string>>;
    };
    for (const { page, line } of commands) {
      const [, name] = /^npm (?:run (?:--silent )?)?(\S+)/.exec(line) ?? [];
      if (name === undefined) continue;
      const script = scripts[name];
      expect(script, `${page}: ${line}`).toBeDefined();
      const [, options] = line.split(" -- ");
      if (options === undefined) continue;
      const usage = await readFile(repositoryPath(script!.split(" ").at(-1)!), "utf8");
      for (const [option] of options.matchAll(/--[a-z-]+/g)) expect(usage, `${page}: ${line}`).toContain(option);
    }
  });
});

describe("as they stand there, in a directory with an event,", () => {
  let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
  const program = repositoryPath("packages/cli/bin/skyscan.js");

  beforeEach(async () => {
    directory = await temporaryDirectory();
    const at = (name: string): string => join(directory.path, name);
    for (const name of ["resources", "examples", "server.js", "client.js"]) await symlink(repositoryPath(name), at(name));
    // What npx finds in a checkout, and what an installation has in PATH.
    await writeFile(at("skyscan"), `#!/bin/sh\nexec node '${program}' "$@"\n`);
    await writeFile(at("npx"), '#!/bin/sh\nexec "$@"\n');
    for (const name of ["skyscan", "npx"]) await chmod(at(name), 0o755);
    const { event } = simulateTrack({ seed: 1, geometry: await loadGeometry("icecube86") });
    await writeFile(at("EVENT.json"), encodeEvent(event));
    if (dataMissing === undefined) await copyFile(dataPath("events/run00136662-evt000035405932-BRONZE.pkl"), at("EVENT.pkl"));
  });
  afterEach(() => directory.remove());

  /** To its end: what it wrote, and its status. */
  function type(line: string): Promise<{ readonly status: number | null; readonly said: string }> {
    const env: NodeJS.ProcessEnv = {
      ...process.env,
      PATH: `${directory.path}:${process.env["PATH"]}`,
      // Two fits for a pixel instead of seven.
      SKYSCAN_MINI_TEST: "yes",
      SKYSCAN_RESULT_EXTRAS: "no",
      ...{ NODE_OPTIONS: undefined, VITEST: undefined, SKYSCAN_BROKER_ADDRESS: undefined, SKYSCAN_BROKER_AUTH: undefined },
    };
    const child = spawn("bash", ["-c", line], { cwd: directory.path, env, stdio: ["ignore", "pipe", "pipe"] });
    let said = "";
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding("utf8").on("data", (text: string) => void (said += text));
    return new Promise((resolve) => child.on("close", (status) => resolve({ status, said })));
  }
  const succeeds = async (line: string): Promise<void> => {
    const { status, said } = await type(line);
    expect([line, status], said).toEqual([line, 0]);
  };

  test("a scan on this machine and the tools around it", async () => {
    for (const line of toolLines) await succeeds(line);
  });

  test.skipIf(dataMissing !== undefined)("a server, what is asked of it, its stop, and its end with a client", async () => {
    const first = type(serverLine);
    await succeeds(waitLine);
    const watched = type(watchLine);
    for (const line of waitingLines) await succeeds(line);
    expect(await first).toMatchObject({ status: 5 });
    expect(await watched).toMatchObject({ status: 0 });
    await rm(join(directory.path, "client-startup.json"));
    const second = type(serverLine);
    await succeeds(waitLine);
    const client = type(clientLine);
    const server = await second;
    expect(server.status, server.said).toBe(0);
    expect(await client).toMatchObject({ status: 0 });
    for (const line of endedLines) await succeeds(line);
  });
});
