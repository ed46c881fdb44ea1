import { spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { ProgressSnapshot } from "@skyscan/server";
import { makeDirectory, pause, processEnvironment, startTicksOf, writeFileAtomically } from "@skyscan/runtime";
import { flagWords } from "../flag-words.ts";
import { program } from "../program.ts";
import type { ServerNews } from "../server-news.ts";
import type { ManyEvent } from "./events.ts";

/** How an event's server ended. `status` null: it was killed. */
export interface ServerEnd {
  readonly status: number | null;
  readonly why: string;
  readonly files: readonly string[];
}

export interface ServerProcess {
  readonly ended: Promise<ServerEnd>;
  kill(signal: NodeJS.Signals): void;
}

/** What the server of an event writes beside its results. */
export const logName = "server.log";
const recordName = "server-process.json";
const leftMs = 100;

/**
 * Starts an event's server: `skyscan server` with the event's places and these flags, its log in the output directory. It ends with this process, resumable,
 * however that ends: the channel between them breaks.
 */
export async function startServer(
  event: ManyEvent,
  words: readonly string[],
  onProgress: (snapshot: ProgressSnapshot) => void,
): Promise<ServerProcess> {
  await makeDirectory(event.cacheDir);
  await makeDirectory(event.outputDir);
  const { eventFile, clientStartupJson, cacheDir, outputDir } = event;
  const places = flagWords({ eventFile, clientStartupJson, cacheDir, outputDir });
  const log = openSync(join(outputDir, logName), "a");
  const child = spawn(process.execPath, [program, "server", ...places, ...words], {
    stdio: ["ignore", "ignore", log, "ipc"],
    // A terminal's Ctrl-C is for the process that started it, which sees its servers off.
    detached: true,
    env: processEnvironment(),
  });
  closeSync(log);
  let told: ServerEnd | undefined;
  child.on("message", (news: ServerNews) => {
    if ("progress" in news) onProgress(news.progress);
    else told = news.end;
  });
  const ended = new Promise<ServerEnd>((resolve) => {
    child.once("error", (error) =>
      resolve({ status: null, why: `the server could not be started: ${error.message}`, files: [] }),
    );
    child.once("close", (status, signal) => {
      const cause = signal === null ? `ended with status ${status}` : `was killed by ${signal}`;
      resolve(told ?? { status, why: `the server ${cause}; its log is ${join(outputDir, logName)}`, files: [] });
    });
  });
  const record = { pid: child.pid, startTicks: child.pid === undefined ? undefined : startTicksOf(child.pid) };
  await writeFileAtomically(join(cacheDir, recordName), `${JSON.stringify(record)}\n`);
  return { ended, kill: (signal) => void child.kill(signal) };
}

/** The server of an earlier start, whose starter was killed, is about to end: it has the event until then. */
export async function waitForLeftServer(event: ManyEvent, signal: AbortSignal): Promise<void> {
  const text = await readFile(join(event.cacheDir, recordName), "utf8").catch(() => "{}");
  const { pid, startTicks } = JSON.parse(text) as { pid?: number; startTicks?: string };
  if (pid === undefined || startTicks === undefined) return;
  while (startTicksOf(pid) === startTicks && !signal.aborted) await pause(leftMs, signal);
}
