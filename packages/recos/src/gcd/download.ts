import { createHash } from "node:crypto";
import { open, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { createBackoff, messageOf, pause, syncDirectory, temporaryName } from "@skyscan/runtime";
import type { Logger } from "@skyscan/runtime";
import { RecoError } from "../manifest/errors.ts";

/** How patient a download is. */
export interface DownloadLimits {
  readonly tries: number;
  /** Until the server answers, milliseconds. */
  readonly answerMs: number;
  /** Between two pieces of the file, milliseconds. */
  readonly silenceMs: number;
  /** Wait before the second try, milliseconds; it doubles from try to try. */
  readonly waitMs: number;
}

/** The predecessor's: two more tries after 4 s and 8 s, 15 s for an answer (its v4: 60 s for reading). */
export const downloadLimits: DownloadLimits = { tries: 3, answerMs: 15_000, silenceMs: 60_000, waitMs: 4_000 };

/** Larger ones are no GCD files. */
const maxBytes = 4 * 1024 ** 3;

export interface DownloadOptions {
  readonly url: string;
  readonly path: string;
  /** Of the file that is wanted, when known. */
  readonly sha256: string | undefined;
  readonly limits: DownloadLimits;
  readonly logger: Logger;
  readonly signal: AbortSignal;
}

/** What another try cannot change. */
class Final extends Error {}

/**
 * Downloads a file: it appears under its name when all of it is on disk and its checksum is right, and not before. Gives its SHA-256.
 * @throws RecoError `gcd-missing`
 */
export async function download(options: DownloadOptions): Promise<string> {
  const { url, limits, logger, signal } = options;
  const backoff = createBackoff({ firstMs: limits.waitMs, maxMs: 16 * limits.waitMs, jitter: 0 });
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await downloadOnce(options);
    } catch (error) {
      const why = `${url} cannot be downloaded: ${reasonOf(error)}`;
      if (signal.aborted || error instanceof Final) throw new RecoError("gcd-missing", why, { cause: error });
      if (attempt >= limits.tries) throw new RecoError("gcd-missing", `${why} (tried ${attempt} times)`, { cause: error });
      const waitMs = backoff.next();
      logger.warn({ reason: why, waitMs }, "A download failed; it is tried again");
      await pause(waitMs, signal);
    }
  }
}

/** What fetch says is only that it failed; why is in the cause. */
function reasonOf(error: unknown): string {
  const cause = error instanceof Error && error.message === "fetch failed" ? error.cause : undefined;
  return messageOf(cause ?? error);
}

async function downloadOnce({ url, path, sha256, limits, signal }: DownloadOptions): Promise<string> {
  const stop = new AbortController();
  const both = AbortSignal.any([signal, stop.signal]);
  let timer: NodeJS.Timeout | undefined;
  const expect = (ms: number, what: string): void => {
    clearTimeout(timer);
    timer = setTimeout(() => stop.abort(new Error(`${what} within ${ms / 1000} s`)), ms);
  };
  const temporary = temporaryName(path);
  try {
    expect(limits.answerMs, "no answer");
    // Compression on the way would hide how many bytes there must be.
    const response = await fetch(url, { signal: both, headers: { "accept-encoding": "identity" } });
    if (!response.ok || response.body === null) throw refusal(response.status);
    const announced = Number(response.headers.get("content-length") ?? NaN);
    if (announced > maxBytes) throw new Final(`it is ${announced} bytes long; at most ${maxBytes} are taken`);
    const hash = createHash("sha256");
    let bytes = 0;
    const file = await open(temporary, "wx", 0o644);
    try {
      expect(limits.silenceMs, "nothing more came");
      for await (const chunk of response.body as AsyncIterable<Uint8Array>) {
        expect(limits.silenceMs, "nothing more came");
        bytes += chunk.length;
        if (bytes > maxBytes) throw new Final(`it is longer than ${maxBytes} bytes`);
        hash.update(chunk);
        await file.writeFile(chunk);
      }
      if (bytes === 0 || (Number.isFinite(announced) && bytes !== announced)) {
        throw new Error(`it ended after ${bytes} bytes${Number.isFinite(announced) ? ` of ${announced}` : ""}`);
      }
      await file.sync();
    } finally {
      await file.close();
    }
    const found = hash.digest("hex");
    if (sha256 !== undefined && found !== sha256) {
      throw new Final(`its SHA-256 is ${found}, but the scan's file has ${sha256}: it is another file of the same name`);
    }
    await rename(temporary, path);
    await syncDirectory(dirname(path));
    return found;
  } catch (error) {
    await rm(temporary, { force: true });
    throw both.aborted && both.reason instanceof Error ? both.reason : error;
  } finally {
    clearTimeout(timer);
    stop.abort();
  }
}

/** Of these another try may come out otherwise; what else a server says is meant. */
const passing: readonly number[] = [408, 425, 429];

function refusal(status: number): Error {
  const text = `the server answered with status ${status}`;
  return status >= 500 || passing.includes(status) ? new Error(text) : new Final(text);
}
