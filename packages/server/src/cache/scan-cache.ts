import { randomBytes } from "node:crypto";
import { mkdir, readFile, readdir, rename, rm, rmdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { isScanId, scanIdRule } from "@skyscan/protocol";
import {
  UsageError,
  codeOf,
  hostName,
  makeDirectory,
  messageOf,
  sweepTemporaryNames,
  temporaryName,
  writeFileAtomically,
} from "@skyscan/runtime";
import type { Logger } from "@skyscan/runtime";
import { ServerError } from "../errors.ts";
import { journalName } from "./find-scans.ts";
import type { ScanInputs } from "../request/inputs.ts";
import { openJournal } from "../journal/journal.ts";
import type { Journal } from "../journal/journal.ts";
import { takeLockFile } from "./lock-file.ts";
import type { ScanRequest } from "../request/request.ts";
import { createScanState } from "../state/scan-state.ts";
import type { ScanState } from "../state/scan-state.ts";

/** The scan's place on disk, locked, its journal replayed. */
export interface OpenedScan {
  readonly directory: string;
  readonly scanId: string;
  readonly run: number;
  readonly state: ScanState;
  readonly journal: Journal;
  /** Units that were final when the journal was opened. */
  readonly resumedUnits: number;
  /** The journal says that the scan had ended with status 0. */
  readonly wasComplete: boolean;
  close(): Promise<void>;
}

/**
 * Makes a directory that a flag names, and removes what killed servers left half-written in it.
 * @throws UsageError when the path cannot be one, ServerError `storage` when it cannot be written.
 */
export async function ensureDirectory(flag: string, path: string, mode = 0o777): Promise<void> {
  try {
    await makeDirectory(path, mode);
    await sweepTemporaryNames(path);
    const probe = temporaryName(join(path, "probe"));
    await mkdir(probe);
    await rmdir(probe);
  } catch (error) {
    const code = codeOf(error);
    if (code === "ENOTDIR" || code === "EEXIST" || code === "ENOENT") {
      throw new UsageError(`${flag} ${path} cannot be a directory (${code}): a file is in the way, or its parent cannot be made`);
    }
    throw new ServerError("storage", `${flag} ${path} cannot be written`, { cause: error });
  }
}

/**
 * Opens `<cache-dir>/<event>/<digest>/`: the same settings resume, other settings are another scan beside it.
 * @throws UsageError, ServerError `locked`, `storage`, `settings`.
 */
export async function openScanCache(
  inputs: ScanInputs,
  request: ScanRequest,
  givenScanId: string | undefined,
  logger: Logger,
): Promise<OpenedScan> {
  if (givenScanId !== undefined) checkScanId(givenScanId);
  const eventDirectory = join(request.cacheDir, inputs.event.name);
  const directory = join(eventDirectory, inputs.digest.slice(0, 32));
  // The token's place: whatever the umask, nobody else puts another one there.
  await ensureDirectory("--cache-dir", directory, 0o755);
  const lock = await takeLockFile(join(directory, "lock"), request.takeOver);
  try {
    const path = join(directory, journalName);
    // Beside the journal, too: a scan whose header is damaged is still the one that its clients and queues know.
    const idPath = join(directory, "scan-id");
    if (!request.resume && (await exists(path))) {
      if (!request.discard) {
        throw new UsageError(
          `--no-resume: ${path} holds an earlier try of this scan; add --discard to set it aside, or leave --no-resume out to go on`,
        );
      }
    }
    if (request.discard && (await exists(path))) {
      const aside = `${path}.discarded-${Date.now()}`;
      await rename(path, aside);
      await rm(idPath, { force: true });
      logger.warn({ journal: aside }, "the earlier try of this scan is set aside");
    }
    await warnOfOthers(eventDirectory, directory, logger);
    const state = createScanState(inputs.steps, inputs.seedRules.offsetsM.length);
    const journal = await openJournal(path, (record) => void state.apply(record), logger);
    const wasComplete = state.ended;
    if (state.digest !== undefined && state.digest !== inputs.digest) {
      await journal.close();
      throw new ServerError("settings", `${path} is the journal of other settings; move it away or give another --cache-dir`);
    }
    const resumedUnits = state.finalUnits;
    if (state.scanId === undefined) {
      const nsides = inputs.steps.map((step) => step.nside).join("_");
      const drawn = `${inputs.event.name}-${inputs.reco.manifest.name}-${nsides}-${randomBytes(4).toString("hex")}`;
      const scanId = (await keptScanId(idPath)) ?? givenScanId ?? drawn.replace(/[^A-Za-z0-9._-]/g, "_");
      await writeFileAtomically(idPath, `${scanId}\n`);
      const header = { type: "header", journalVersion: 1, scanId, digest: inputs.digest, settings: inputs.settings } as const;
      state.apply(header);
      journal.append(header);
    }
    const run = nextRun(state.runs, journal.damaged, Date.now());
    if (!wasComplete) {
      const runRecord = { type: "run", run, host: hostName(), pid: process.pid } as const;
      state.apply(runRecord);
      journal.append(runRecord);
    }
    await journal.flush();
    return {
      directory,
      scanId: state.scanId!,
      run,
      state,
      journal,
      resumedUnits,
      wasComplete,
      async close() {
        await journal
          .close()
          .catch((error: unknown) => logger.warn({ reason: messageOf(error) }, "the journal could not be closed"));
        await lock.release();
      },
    };
  } catch (error) {
    await lock.release();
    throw error;
  }
}

/**
 * Beyond every earlier run. Damage may have taken the records of some, and clients fit nothing that was final in the run that asks for it: the
 * clock is beyond all that there were.
 */
export const nextRun = (lastRun: number, damaged: boolean, nowMs: number): number =>
  Math.max(lastRun + 1, damaged ? Math.floor(nowMs / 1000) : 0);

function checkScanId(scanId: string): void {
  if (!isScanId(scanId)) throw new UsageError(`SKYSCAN_SKYDRIVER_SCAN_ID=${scanId} is not allowed: it takes ${scanIdRule}`);
}

async function keptScanId(path: string): Promise<string | undefined> {
  const text = (await readFile(path, "utf8").catch(() => "")).trim();
  return isScanId(text) ? text : undefined;
}

const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );

async function warnOfOthers(eventDirectory: string, own: string, logger: Logger): Promise<void> {
  const others = (await readdir(eventDirectory)).map((name) => join(eventDirectory, name)).filter((path) => path !== own);
  if (others.length > 0)
    logger.info({ others: others.length }, "this event has scans with other settings in the cache: this one stands beside them");
}
