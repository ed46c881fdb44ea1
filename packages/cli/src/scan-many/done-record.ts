import { access, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { writeFileAtomically } from "@skyscan/runtime";
import type { ManyEvent } from "./events.ts";

/** That an event's scan was completed, and of what. */
interface DoneRecord {
  readonly words: readonly string[];
  readonly event: string;
  readonly files: readonly string[];
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

/** The files of an event that was completed with the same flags, when it and they are still as they were; else undefined. */
export async function doneFiles(event: ManyEvent, words: readonly string[]): Promise<readonly string[] | undefined> {
  try {
    const record = JSON.parse(await readFile(join(event.cacheDir, recordName), "utf8")) as DoneRecord;
    if (record.words.join("\n") !== words.join("\n") || record.event !== (await stampOf(event.eventFile))) return undefined;
    await Promise.all(record.files.map((file) => access(file)));
    return record.files;
  } catch {
    return undefined;
  }
}
