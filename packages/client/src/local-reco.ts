import type { StartupFile } from "@skyscan/protocol";
import { RecoError, createRunner, loadRegistry, recoPathEntries, writeRecoFiles } from "@skyscan/recos";
import type { ContainerMode, GcdPlaces, Images, RecoFiles, Runner } from "@skyscan/recos";
import { makeDirectory } from "@skyscan/runtime";
import type { Logger } from "@skyscan/runtime";
import type { RecoIdentity } from "./reco-match.ts";
import { ScratchError } from "./scratch.ts";

/** This client's copy of a scan's reco, ready to make runners. */
export interface LocalReco extends RecoIdentity {
  /** Cores that one slot uses. */
  readonly threads: number;
  /** Starts no process yet: a runner does that at its first fit. */
  createRunner(slot: number): Runner;
}

export interface LocalRecoOptions {
  /** `--reco-path`, in front of `recoPathSetting`. */
  readonly recoPath: readonly string[];
  /** `SKYSCAN_RECO_PATH`. */
  readonly recoPathSetting: string | undefined;
  readonly container: ContainerMode | undefined;
  /** Of all scans of this client. */
  readonly images: Images;
  readonly timeoutSec: number | undefined;
  /** This scan's own directory; made here. */
  readonly scratchDir: string;
  readonly debugDirectory: string | undefined;
  readonly gcd: GcdPlaces;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly logger: Logger;
  readonly signal: AbortSignal;
}

export type FindReco = (startup: StartupFile, options: LocalRecoOptions) => Promise<LocalReco>;

/**
 * Finds the scan's reco here and gives it a private copy of the startup file, and the baseline GCD file where its command asks for one.
 * @throws RecoError `unknown-reco`, `bad-manifest`, `start-failed`, `gcd-missing`; ScratchError.
 */
export const findLocalReco: FindReco = async (startup, options) => {
  const { scratchDir, logger, environment } = options;
  const registry = loadRegistry({ recoPath: recoPathEntries(options.recoPath, options.recoPathSetting) });
  for (const problem of registry.problems) logger.warn({ problem }, "A reco cannot be used");
  const reco = registry.find(startup.reco.name);
  const { manifest, manifestSha256 } = reco;
  let files: RecoFiles;
  try {
    await makeDirectory(scratchDir);
    const { gcd, signal } = options;
    files = await writeRecoFiles({ reco, startup, directory: scratchDir, gcd, logger, signal });
  } catch (error) {
    if (error instanceof RecoError) throw error;
    throw new ScratchError("scratch", `${scratchDir} cannot be written`, { cause: error });
  }
  return {
    name: manifest.name,
    version: manifest.version,
    manifestSha256,
    threads: manifest.run.threads,
    createRunner: (slot) =>
      createRunner({
        reco,
        recoOptions: startup.reco.options,
        ...files,
        slot,
        scratchDir,
        timeoutSec: options.timeoutSec,
        debugDirectory: options.debugDirectory,
        container: options.container,
        images: options.images,
        logger: logger.child({ slot }),
        environment,
      }),
  };
};
