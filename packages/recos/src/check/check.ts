import { createReleases, messageOf } from "@skyscan/runtime";
import { madeUpStartup, madeUpUnits } from "./check-event.ts";
import { checkOneshot } from "./check-oneshot.ts";
import type { CheckFindings, CheckLine } from "./check-report.ts";
import { checkStream } from "./check-stream.ts";
import { createImages } from "../container/images.ts";
import { RecoError } from "../manifest/errors.ts";
import { inspectRecoDirectory, manifestFileName } from "../manifest/manifest-file.ts";
import type { Reco } from "../manifest/manifest-file.ts";
import { completeRecoOptions } from "../manifest/options.ts";
import { createOrphanGuard } from "../process/orphan-guard.ts";
import { noGcdPlaces } from "../gcd/settings.ts";
import type { GcdPlaces } from "../gcd/settings.ts";
import { writeRecoFiles } from "../runner/reco-files.ts";
import type { RecoStartup } from "../runner/reco-startup.ts";
import type { RunnerOptions } from "../process/runner-options.ts";
import type { RunnerUnit } from "../runner/runner.ts";
import { createSlotDirectory } from "../process/slot-directory.ts";

export interface CheckOptions extends Pick<
  RunnerOptions,
  "scratchDir" | "environment" | "logger" | "timeoutSec" | "container" | "images" | "recoOptions" | "grace"
> {
  /** Where its baseline GCD file is looked for. Default: nowhere. */
  readonly gcd?: GcdPlaces | undefined;
  /** Of an event; its `reco` part is filled in here. Default: a made-up event of a dozen modules. */
  readonly startup?: RecoStartup | undefined;
  /** Units over that event, at least one. Default: four over the made-up event. */
  readonly units?: readonly RunnerUnit[] | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Called with each finding as it is made. */
  readonly onLine?: ((line: CheckLine) => void) | undefined;
}

/** `conforms`: no finding is `failed`. */
export interface CheckReport {
  readonly conforms: boolean;
  readonly lines: readonly CheckLine[];
}

/**
 * Whether a reco keeps to the reco protocol: validates its manifest and plays the engine's side against it (start, units, odd units,
 * end of stdin). Everything that is wrong with the reco is a finding; rejects only when the scratch directory cannot be
 * written, and with the signal's reason when it is aborted.
 */
export async function checkReco(directory: string, options: CheckOptions): Promise<CheckReport> {
  const lines: CheckLine[] = [];
  const add = (line: CheckLine): void => {
    lines.push(line);
    options.onLine?.(line);
  };
  const findings: CheckFindings = {
    ok: (rule, detail) => add(detail === undefined || detail === "" ? { status: "ok", rule } : { status: "ok", rule, detail }),
    warning: (rule, detail) => add({ status: "warning", rule, detail }),
    failed: (rule, detail) => add({ status: "failed", rule, detail }),
  };
  const reco = checkManifest(directory, findings);
  if (reco !== undefined) {
    try {
      await converse(reco, options, findings);
    } catch (error) {
      if (!(error instanceof RecoError)) throw error;
      findings.failed("can be started", error.message);
    }
  }
  return { conforms: lines.every(({ status }) => status !== "failed"), lines };
}

function checkManifest(directory: string, findings: CheckFindings): Reco | undefined {
  const rule = `has a valid ${manifestFileName}`;
  const reading = inspectRecoDirectory(directory);
  if (reading?.reco !== undefined) {
    findings.ok(rule, `${reading.reco.manifest.name} ${reading.reco.manifest.version}`);
    return reading.reco;
  }
  for (const problem of reading?.bad.problems ?? [`${directory}: no ${manifestFileName} there`]) findings.failed(rule, problem);
  return undefined;
}

async function converse(reco: Reco, options: CheckOptions, findings: CheckFindings): Promise<void> {
  const { manifest } = reco;
  const given = options.startup ?? madeUpStartup();
  const recoOptions = completeRecoOptions(manifest, options.recoOptions ?? {});
  const startup: RecoStartup = {
    ...given,
    reco_algo: manifest.name,
    reco: { name: manifest.name, version: manifest.version, manifestSha256: reco.manifestSha256, options: recoOptions },
  };
  if (manifest.needs.includes("gcdqp") && (startup.GCDQp_packet ?? null) === null) {
    findings.warning("gets what it needs", "it needs gcdqp, which this startup file does not carry: give an event with it");
  }
  const releases = createReleases();
  try {
    const scratch = createSlotDirectory(options.scratchDir, 0);
    const files = createSlotDirectory(options.scratchDir, 0);
    const guard = createOrphanGuard();
    releases.add(() => scratch.remove());
    releases.add(() => files.remove());
    releases.add(() => guard.close());
    await scratch.ready();
    await files.ready();
    const { logger, gcd = noGcdPlaces, signal } = options;
    const recoFiles = await writeRecoFiles({ reco, startup, directory: files.scratch(), gcd, logger, signal });
    const shared = {
      runner: { ...options, images: options.images ?? createImages(options), ...recoFiles, reco, recoOptions, slot: 0 },
      units: options.units ?? madeUpUnits(),
      scratch: scratch.scratch(),
      guard,
      findings,
      signal: options.signal ?? new AbortController().signal,
    };
    if (manifest.run.mode === "stream") await checkStream(shared);
    else await checkOneshot({ ...shared, fileDirectory: files.scratch() });
  } finally {
    await releases.run().catch((error: unknown) => options.logger.warn({ problem: messageOf(error) }, "scratch left behind"));
  }
}
