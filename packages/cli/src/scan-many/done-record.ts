import { access, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { writeFileAtomically } from "@skyscan/runtime";
import type { ManyEvent } from "./events.ts";
import { bestOfResult } from "./result-best.ts";
import type { ManyRow } from "./rows.ts";

/** That an event's scan was completed, and of what. */
interface DoneRecord {
  readonly words: readonly string[];
  readonly event: string;
  readonly files: readonly string[];
}

/** What was made of an event that is done. */
export interface DoneEvent {
  readonly files: readonly string[];
  readonly best: ManyRow["best"];
}

const recordName = "done.json";

/** As far as a file can be told from another one without reading it. */
async function stampOf(path: string): Promise<string> {
  const { size, mtimeMs } = await stat(path);
  return `${size} bytes, ${mtimeMs}`;
}

export async function recordDone(event: ManyEvent, words: readonly string[], files: readonly string[]): Promise<void> {
  const record: DoneRecord = { words, event: await stampOf(event.eventFile), files };
  await writeFileAtomically(join(event.cacheDir, recordName), `${JSON.stringify(record)}\n`);
}

/** An event that was completed with the same flags, when it is as it was and its files are there, its result whole; else undefined. */
export async function findDone(event: ManyEvent, words: readonly string[]): Promise<DoneEvent | undefined> {
  try {
    const record = JSON.parse(await readFile(join(event.cacheDir, recordName), "utf8")) as DoneRecord;
    if (record.words.join("\n") !== words.join("\n") || record.event !== (await stampOf(event.eventFile))) return undefined;
    await Promise.all(record.files.map((file) => access(file)));
    return { files: record.files, best: await bestOfResult(record.files) };
  } catch {
    return undefined;
  }
}
