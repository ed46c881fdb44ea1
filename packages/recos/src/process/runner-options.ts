import type { Logger } from "@skyscan/runtime";
import type { ContainerMode } from "../container/engine.ts";
import type { Images } from "../container/images.ts";
import type { Grace } from "./grace.ts";
import type { Reco } from "../manifest/manifest-file.ts";
import type { RunnerObserver } from "./observer.ts";
import type { RecoOptions } from "../manifest/options.ts";
import type { RecoFiles } from "../runner/reco-files.ts";

/** What a runner is made of: one reco, one scan, one slot. */
export interface RunnerOptions extends RecoFiles {
  readonly reco: Reco;
  /** As the startup file carries them. Default: the manifest's defaults. */
  readonly recoOptions?: RecoOptions;
  readonly slot: number;
  /** Made if missing. The slot's own scratch is a new directory in it, and the only thing that is removed at close. */
  readonly scratchDir: string;
  /** Limit of one unit (`EWMS_PILOT_TASK_TIMEOUT`); default: the manifest's `timeoutSec`. */
  readonly timeoutSec?: number | undefined;
  /** Infiles, outfiles, stdout and stderr are kept here. */
  readonly debugDirectory?: string | undefined;
  /** The client's staging directory for large inputs; default `EWMS_TASK_DATA_HUB_DIR` of the environment, else `scratchDir`. */
  readonly dataHubDirectory?: string | undefined;
  /** Default auto. */
  readonly container?: ContainerMode | undefined;
  /** What the runners of one client share. Default: images are looked for again at every start, and pulled when they are not there. */
  readonly images?: Images | undefined;
  readonly logger: Logger;
  /** The client's environment, of which a reco sees only what the protocol lists. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly observer?: RunnerObserver | undefined;
  /** Default: what the protocol promises. */
  readonly grace?: Grace | undefined;
}

/** Longest a timer can wait, milliseconds. */
const maxTimerMs = 2 ** 31 - 1;

/** The limit of one unit, seconds. */
export const unitLimitSec = ({ timeoutSec, reco }: Pick<RunnerOptions, "timeoutSec" | "reco">): number =>
  timeoutSec ?? reco.manifest.timeoutSec;

/** Seconds as a timer takes them. */
export const timerMs = (seconds: number): number => Math.min(seconds * 1000, maxTimerMs);
