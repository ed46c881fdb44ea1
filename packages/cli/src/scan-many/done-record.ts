import { access, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import type { ProgressSnapshot } from "@skyscan/server";
import { writeFileAtomically } from "@skyscan/runtime";
import type { ManyEvent } from "./events.ts";

/** That an event's scan was completed, and of what. */
interface DoneRecord {
  readonly words: readonly string[];
  readonly event: string;
  readonly files: readonly string[];
  readonly best?: BestFit;
}

type BestFit = NonNullable<ProgressSnapshot["best"]>;

/** What was made of an event that is done. */
export interface DoneEvent {
  readonly files: readonly string[];
  readonly best?: BestFit | undefined;
}

const recordName = "done.json";

/** As far as a file can be told from another one without reading it. */
async function stampOf(path: string): Promise<string> {
  const { size, mtimeMs } = await stat(path);
  return `${size} bytes, ${mtimeMs}`;
}

export async function recordDone(event: ManyEvent, words: readonly string[], done: DoneEvent): Promise<void> {
  const record = { words, event: await stampOf(event.eventFile), ...done };
  await writeFileAtomically(join(event.cacheDir, recordName), `${JSON.stringify(record)}\n`);
}

/** An event that was completed with the same flags, when it and its files are still as they were; else undefined. */
export async function findDone(event: ManyEvent, words: readonly string[]): Promise<DoneEvent | undefined> {
  try {
    const record = JSON.parse(await readFile(join(event.cacheDir, recordName), "utf8")) as DoneRecord;
    if (record.words.join("\n") !== words.join("\n") || record.event !== (await stampOf(event.eventFile))) return undefined;
    await Promise.all(record.files.map((file) => access(file)));
    return { files: record.files, best: record.best };
  } catch {
    return undefined;
  }
}
