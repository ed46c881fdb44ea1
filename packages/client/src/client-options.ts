import type { ContainerMode } from "@skyscan/recos";
import type { Logger } from "@skyscan/runtime";
import type { FindReco } from "./local-reco.ts";
import type { OpenBroker } from "./connection.ts";

/** What the flags of `skyscan client` say. */
export interface ClientOptions {
  /** `--client-startup-json`: files or directories; each file is a scan. Directories are looked at again for new ones. */
  readonly startupPaths: readonly string[];
  /** `--wait-for-startup-sec`; with a directory also how long another scan is waited for when all have ended. */
  readonly waitForStartupSec: number;
  /** `--slots`: fits at the same time, shared by all scans; `auto`: cores / the reco's threads. */
  readonly slots: number | "auto";
  /** `--reco-path`, in front of `SKYSCAN_RECO_PATH`. */
  readonly recoPath?: readonly string[];
  /** `--container`; beats `SKYSCAN_CONTAINER`. */
  readonly container?: ContainerMode | undefined;
  /** `--scratch-dir`; default: a new directory in the system's temporary one. Removed at the end. */
  readonly scratchDir?: string | undefined;
  /** `--debug-directory`; made if missing. */
  readonly debugDirectory?: string | undefined;
  /** How long fits that run may go on after a signal or a `leave`, seconds. Default 5: batch systems kill after 10 to 30. */
  readonly drainGraceSec?: number;
  /** How long a missing queue is waited for, seconds. Default {@link goneSec}. */
  readonly goneSec?: number;
}

/** Where and for whom a client runs. */
export interface ClientContext {
  readonly logger: Logger;
  /** First signal: return what has not begun, give running fits the grace time, leave with 5. */
  readonly signal: AbortSignal;
  /** Second signal: leave now. */
  readonly force: AbortSignal;
  /** Default: this process's. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** Default: the real ones. */
  readonly openBroker?: OpenBroker;
  readonly findReco?: FindReco;
}
