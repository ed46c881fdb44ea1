import { createWriteStream } from "node:fs";
import type { WriteStream } from "node:fs";
import { mkdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { codeOf, messageOf } from "@skyscan/runtime";
import type { Grace } from "../process/grace.ts";
import type { Launch } from "../process/launch.ts";
import { maxLineBytes } from "../process/lines.ts";
import type { RunnerObserver } from "../process/observer.ts";
import type { OrphanGuard } from "../process/orphan-guard.ts";
import { startRecoProcess } from "../process/reco-process.ts";
import type { ProcessEnd } from "../process/reco-process.ts";
import { createTextTail } from "../process/text-tail.ts";

/** Where the files of one process are. */
export interface OneshotFiles {
  readonly directory: string;
  readonly infile: string;
  readonly outfile: string;
}

/** Makes an empty directory for the files of one process; what an earlier one left there is removed. */
export async function oneshotFiles(directory: string): Promise<OneshotFiles> {
  const path = resolve(directory);
  await rm(path, { recursive: true, force: true });
  await mkdir(path, { recursive: true });
  return { directory: path, infile: join(path, "infile.json"), outfile: join(path, "outfile.json") };
}

export interface OneshotOptions {
  readonly launch: Launch;
  readonly scratch: string;
  readonly files: OneshotFiles;
  /** The one line of the infile, with its LF; undefined when the infile is there already. */
  readonly infile?: string;
  readonly limitMs: number;
  /** Largest outfile that is read, bytes. Default: that of a line. */
  readonly maxOutfileBytes?: number;
  /** Keep stdout and stderr beside infile and outfile. */
  readonly keepLogs: boolean;
  readonly grace: Grace;
  readonly guard: OrphanGuard;
  readonly observer?: RunnerObserver | undefined;
  readonly signal: AbortSignal;
}

/** How one process ended. `outfile` is there only after status 0: text, or undefined when there is none, or why it cannot be read. */
export interface OneshotEnd {
  readonly kind: "ended" | "timed-out" | "cancelled";
  readonly end: ProcessEnd;
  readonly runtimeSec: number;
  readonly outfile: { readonly text?: string | undefined; readonly problem?: string };
  /** The end of its stderr, or of its stdout when it wrote nothing there. */
  readonly logTail: string;
}

/**
 * Runs a command once with an infile and an outfile: stdin from /dev/null, stdout as log (reco protocol, section 4).
 * @throws RecoError `start-failed` when it cannot be started, `image-failed` when its container cannot; Node's error when the infile cannot be written.
 */
export async function runOneshot(options: OneshotOptions): Promise<OneshotEnd> {
  const { files, launch, observer } = options;
  if (options.infile !== undefined) {
    await writeFile(files.infile, options.infile);
    observer?.sent?.(options.infile.trimEnd());
  }
  const logs = options.keepLogs ? openLogs(files.directory) : undefined;
  const stdout = createTextTail();
  const startedAtMs = performance.now();
  let kind: OneshotEnd["kind"] = "ended";
  try {
    const child = await startRecoProcess({
      ...launch,
      cwd: options.scratch,
      stdin: false,
      grace: options.grace,
      guard: options.guard,
      onStdout(chunk) {
        stdout.add(chunk);
        logs?.stdout.write(chunk);
      },
      onStderr(chunk) {
        logs?.stderr.write(chunk);
        observer?.stderr?.(chunk);
      },
    });
    observer?.started?.({ argv: launch.argv, pid: child.pid, cwd: options.scratch });
    const stop = (why: "timed-out" | "cancelled"): void => {
      if (kind === "ended") kind = why;
      void child.stop();
    };
    const cancel = (): void => stop("cancelled");
    const timer = setTimeout(() => stop("timed-out"), options.limitMs);
    options.signal.addEventListener("abort", cancel);
    if (options.signal.aborted) cancel();
    const end = await child.ended;
    clearTimeout(timer);
    options.signal.removeEventListener("abort", cancel);
    observer?.ended?.(end);
    if (end.refused !== undefined) throw end.refused;
    const runtimeSec = (performance.now() - startedAtMs) / 1000;
    const outfile = end.status === 0 ? await readOutfile(files.outfile, options.maxOutfileBytes ?? maxLineBytes) : {};
    if (outfile.text !== undefined) observer?.received?.(outfile.text.trimEnd());
    const stderrTail = child.stderrTail();
    return { kind, end, runtimeSec, outfile, logTail: stderrTail.trim() === "" ? stdout.text() : stderrTail };
  } finally {
    logs?.stdout.end();
    logs?.stderr.end();
  }
}

async function readOutfile(path: string, maxBytes: number): Promise<OneshotEnd["outfile"]> {
  try {
    const about = await stat(path);
    if (!about.isFile()) return { problem: "the outfile is not a file" };
    if (about.size > maxBytes) return { problem: `the outfile is longer than ${maxBytes} bytes` };
    return { text: await readFile(path, "utf8") };
  } catch (error) {
    return codeOf(error) === "ENOENT" ? {} : { problem: `the outfile cannot be read: ${messageOf(error)}` };
  }
}

function openLogs(directory: string): { readonly stdout: WriteStream; readonly stderr: WriteStream } {
  const open = (name: string): WriteStream => {
    const stream = createWriteStream(join(directory, name));
    stream.on("error", () => undefined);
    return stream;
  };
  return { stdout: open("stdout"), stderr: open("stderr") };
}
