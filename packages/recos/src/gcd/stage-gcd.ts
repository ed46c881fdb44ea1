import { stat, utimes } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { codeOf, fileSha256, makeDirectory, messageOf, pause, sweepTemporaryNames, tryProcessLock } from "@skyscan/runtime";
import type { Logger } from "@skyscan/runtime";
import { RecoError } from "../manifest/errors.ts";
import { download, downloadLimits } from "./download.ts";
import type { DownloadLimits } from "./download.ts";
import type { GcdPlaces } from "./settings.ts";

/** A baseline GCD file on this machine. */
export interface BaselineGcd {
  /** Absolute. */
  readonly path: string;
  readonly sha256: string;
}

export interface StageGcdOptions {
  readonly places: GcdPlaces;
  /** Of the file that the scan's server used; undefined: whatever has the name. */
  readonly sha256?: string | undefined;
  readonly logger: Logger;
  readonly signal?: AbortSignal | undefined;
  /** Default: {@link downloadLimits}. */
  readonly limits?: DownloadLimits | undefined;
}

/**
 * Finds a baseline GCD file by name: in the local directories, in the staging directory, else it is downloaded there, by one process at a time
 * of those that share the directory. A file of that name with another checksum is passed over, and named in the error when there is no right one.
 * @throws RecoError `gcd-missing`
 */
export async function stageBaselineGcd(name: string, options: StageGcdOptions): Promise<BaselineGcd> {
  if (!isPlainName(name)) {
    throw new RecoError(
      "gcd-missing",
      `${JSON.stringify(name)} is no name of a baseline GCD file: names with a path are refused`,
    );
  }
  const { places, logger, signal = new AbortController().signal } = options;
  const { stagingDirectory, url: base } = places;
  const problems: string[] = [];
  for (const directory of [...places.directories, ...(stagingDirectory === undefined ? [] : [stagingDirectory])]) {
    const path = resolve(directory, name);
    const found = await look(path, options.sha256, problems);
    if (found === undefined) continue;
    for (const problem of problems) logger.warn({ problem, used: path }, "A baseline GCD file is passed over");
    return found;
  }
  if (base === undefined || stagingDirectory === undefined) {
    throw missing(name, options, [...problems, "nothing is downloaded (SKYSCAN_GCD_URL)"]);
  }
  const url = `${base}/${name}`;
  try {
    await makeDirectory(resolve(stagingDirectory));
    const path = resolve(stagingDirectory, name);
    return await alone(path, { ...options, signal }, () => downloadInto(path, url, { ...options, signal }));
  } catch (error) {
    throw missing(name, options, [...problems, messageOf(error)], error);
  }
}

/** A base name, as a file of that name may have; nothing that leads elsewhere. */
const isPlainName = (name: string): boolean => /^[A-Za-z0-9_][A-Za-z0-9_.+-]{0,254}$/.test(name);

async function look(path: string, wanted: string | undefined, problems: string[]): Promise<BaselineGcd | undefined> {
  try {
    if (!(await stat(path)).isFile()) return undefined;
    const sha256 = await fileSha256(path);
    if (wanted === undefined || sha256 === wanted) return { path, sha256 };
    problems.push(`${path} has SHA-256 ${sha256}, but the scan's file has ${wanted}: it is another file of the same name`);
  } catch (error) {
    if (codeOf(error) !== "ENOENT" && codeOf(error) !== "ENOTDIR") problems.push(`${path} cannot be read: ${messageOf(error)}`);
  }
  return undefined;
}

type StoppableOptions = StageGcdOptions & { readonly signal: AbortSignal };

/** How often a holder says that it lives, and after how long without that it is dead to other hosts. */
const signOfLifeMs = 5_000;
const deadAfterMs = 60_000;
/** How often a process that waits looks again. */
const lookMs = 250;

/** Runs `action` in one process at a time; who waits looks first whether the file has come meanwhile. */
async function alone(path: string, options: StoppableOptions, action: () => Promise<BaselineGcd>): Promise<BaselineGcd> {
  const lockPath = `${path}.lock`;
  const { signal } = options;
  const silent = async (): Promise<boolean> => {
    const sinceMs = await stat(lockPath).then(
      ({ mtimeMs }) => mtimeMs,
      () => Infinity,
    );
    return Date.now() - sinceMs > deadAfterMs;
  };
  for (let waits = 0; ; waits += 1) {
    signal.throwIfAborted();
    const lock = await tryProcessLock(lockPath, silent);
    if (lock?.kind === "taken") {
      const sign = setInterval(() => void utimes(lockPath, new Date(), new Date()).catch(() => undefined), signOfLifeMs);
      try {
        return (await look(path, options.sha256, [])) ?? (await action());
      } finally {
        clearInterval(sign);
        await lock.release();
      }
    }
    if (waits === 0) options.logger.info({ path, holder: lock?.holder }, "Another process downloads the baseline GCD file");
    await pause(lookMs, signal);
  }
}

async function downloadInto(path: string, url: string, options: StoppableOptions): Promise<BaselineGcd> {
  await sweepTemporaryNames(dirname(path));
  options.logger.info({ url, path }, "Downloading a baseline GCD file");
  const sha256 = await download({
    url,
    path,
    sha256: options.sha256,
    limits: options.limits ?? downloadLimits,
    logger: options.logger,
    signal: options.signal,
  });
  return { path, sha256 };
}

function missing(name: string, { places }: StageGcdOptions, problems: readonly string[], cause?: unknown): RecoError {
  const looked = [...places.directories, places.stagingDirectory ?? []].flat().join(", ") || "no directory";
  return new RecoError(
    "gcd-missing",
    `the baseline GCD file ${name} cannot be had: looked in ${looked} (--gcd-dir, SKYSCAN_GCD_SOURCES, EWMS_TASK_DATA_HUB_DIR); ${problems.join("; ")}`,
    { cause },
  );
}
