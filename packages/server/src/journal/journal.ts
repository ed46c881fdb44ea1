import { createReadStream } from "node:fs";
import { open } from "node:fs/promises";
import type { FileHandle } from "node:fs/promises";
import { dirname } from "node:path";
import { codeOf, deferred, messageOf, syncDirectory } from "@skyscan/runtime";
import type { Logger } from "@skyscan/runtime";
import { ServerError } from "../errors.ts";
import { createFrameReader, frame } from "./frames.ts";
import { decodeRecord, encodeRecord } from "./records.ts";
import type { JournalRecord } from "./records.ts";

/** A batch is written after this long, or when it holds this many records: one write, one fdatasync. */
const batchMs = 5;
const batchRecords = 1000;

/** The scan's memory on disk: append only, group commit. */
export interface Journal {
  /** It was damaged in the middle when it was opened: any record may be missing. */
  readonly damaged: boolean;
  /** Adds a record; `durable` is called once it is on disk, in the order of the calls. */
  append(record: JournalRecord, durable?: () => void): void;
  /** Calls back once all that was appended so far is on disk: at once when it is. */
  afterDurable(durable: () => void): void;
  /** Resolves when all that was appended is on disk. */
  flush(): Promise<void>;
  /** Rejects with ServerError `storage` at the first write or fsync error, which is final: never tried again. Never resolves. */
  readonly failed: Promise<never>;
  close(): Promise<void>;
}

/**
 * Opens a journal, replays what is in it through `replay`, cuts off a torn tail, and is then ready to append.
 * @throws ServerError `storage` when it cannot be read or written.
 */
export async function openJournal(path: string, replay: (record: JournalRecord) => void, logger: Logger): Promise<Journal> {
  let file: FileHandle;
  let damaged = false;
  try {
    file = await open(path, "a+", 0o644);
    const scan = await replayFile(path, replay, logger);
    const size = (await file.stat()).size;
    damaged = scan.damagedStretches > 0;
    if (damaged) {
      logger.warn(
        { path, stretches: scan.damagedStretches },
        "the journal is damaged in the middle: what is lost there is fitted again",
      );
    }
    if (size > scan.goodBytes) {
      logger.warn({ path, bytes: size - scan.goodBytes }, "the journal ends in a torn record: cut off");
      await file.truncate(scan.goodBytes);
      await file.datasync();
    }
    await syncDirectory(dirname(path));
  } catch (error) {
    throw storageError(path, error);
  }
  return appender(file, path, damaged);
}

async function replayFile(
  path: string,
  replay: (record: JournalRecord) => void,
  logger: Logger,
): Promise<{ goodBytes: number; damagedStretches: number }> {
  const reader = createFrameReader((payload) => {
    let record: JournalRecord;
    try {
      record = decodeRecord(payload);
    } catch (error) {
      logger.warn({ path, reason: messageOf(error) }, "a journal record is of another version: left out");
      return;
    }
    replay(record);
  });
  for await (const chunk of createReadStream(path, { highWaterMark: 1024 * 1024 })) reader.push(chunk as Buffer);
  return reader.end();
}

const storageError = (path: string, error: unknown): ServerError =>
  new ServerError("storage", `the journal ${path} cannot be written (${codeOf(error) ?? "error"})`, { cause: error });

const noBytes = new Uint8Array(0);

function appender(file: FileHandle, path: string, damaged: boolean): Journal {
  let pending: { bytes: Uint8Array; durable: (() => void) | undefined }[] = [];
  let flushing: Promise<void> | undefined;
  let timer: NodeJS.Timeout | undefined;
  let broken = false;
  const failure = deferred<never>();
  failure.promise.catch(() => undefined);

  async function writePending(): Promise<void> {
    while (pending.length > 0 && !broken) {
      const batch = pending;
      pending = [];
      try {
        await file.appendFile(Buffer.concat(batch.map((entry) => entry.bytes)));
        await file.datasync();
      } catch (error) {
        broken = true;
        failure.reject(storageError(path, error));
        return;
      }
      for (const entry of batch) entry.durable?.();
    }
  }

  function startFlush(): Promise<void> {
    if (timer !== undefined) clearTimeout(timer);
    timer = undefined;
    flushing ??= writePending().finally(() => {
      flushing = undefined;
      // Records that came while the last batch settled wait for a batch of their own.
      if (pending.length > 0 && !broken) schedule();
    });
    return flushing;
  }

  function schedule(): void {
    if (flushing !== undefined) return;
    if (pending.length >= batchRecords) void startFlush();
    else timer ??= setTimeout(() => void startFlush(), batchMs);
  }

  return {
    damaged,
    append(record, durable) {
      pending.push({ bytes: frame(encodeRecord(record)), durable });
      schedule();
    },
    afterDurable(durable) {
      if (broken) return;
      if (pending.length === 0 && flushing === undefined) {
        durable();
        return;
      }
      pending.push({ bytes: noBytes, durable });
      schedule();
    },
    async flush() {
      while (pending.length > 0 || flushing !== undefined) {
        if (broken) return failure.promise;
        await startFlush();
      }
      if (broken) await failure.promise;
    },
    failed: failure.promise,
    async close() {
      if (!broken) await startFlush();
      if (timer !== undefined) clearTimeout(timer);
      await file.close();
    },
  };
}
