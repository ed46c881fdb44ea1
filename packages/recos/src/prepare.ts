import { join, resolve } from "node:path";
import { createReleases, messageOf, parseForeignJson, silentLogger } from "@skyscan/runtime";
import type { Logger } from "@skyscan/runtime";
import { z } from "zod";
import { filledCommand } from "./process/command.ts";
import { RecoError } from "./manifest/errors.ts";
import { protocolGrace } from "./process/grace.ts";
import { dataHubOf, launchOf } from "./process/launch.ts";
import type { Manifest } from "./manifest/manifest.ts";
import { oneshotFiles, runOneshot } from "./oneshot/oneshot.ts";
import type { OneshotEnd } from "./oneshot/oneshot.ts";
import { createOrphanGuard } from "./process/orphan-guard.ts";
import type { PlaceholderValues } from "./manifest/placeholders.ts";
import { describeEnd } from "./process/reco-process.ts";
import { timerMs } from "./process/runner-options.ts";
import type { RunnerOptions } from "./process/runner-options.ts";
import { createSlotDirectory } from "./process/slot-directory.ts";

/** Largest outfile of a `prepare` step, bytes: that of a startup file, which it becomes part of. */
const maxPreparedBytes = 64 * 1024 * 1024;

const numberOrNull = z.number().nullable().default(null);

const preparedSchema = z
  .looseObject({
    GCDQp_packet: z.record(z.string(), z.unknown()).nullable().optional(),
    baseline_GCD_file: z.string().nullable().optional(),
    seed: z
      .strictObject({ xM: numberOrNull, yM: numberOrNull, zM: numberOrNull, timeNs: numberOrNull, energyGeV: numberOrNull })
      .optional(),
  })
  .superRefine((prepared, context) => {
    const known = ["GCDQp_packet", "baseline_GCD_file", "seed"];
    for (const key of Object.keys(prepared)) {
      if (known.includes(key) || key.startsWith("x-")) continue;
      context.addIssue({
        code: "custom",
        path: [key],
        message: `unknown key; allowed: ${known.join(", ")}, and keys that begin with x-`,
      });
    }
  });

/** What a `prepare` step gives, to be merged (shallow) into the startup file: these keys and ones that begin with `x-`. */
export type Prepared = z.infer<typeof preparedSchema>;

export interface PrepareOptions extends Pick<
  RunnerOptions,
  "reco" | "scratchDir" | "environment" | "container" | "images" | "observer" | "dataHubDirectory" | "grace"
> {
  /** The event file as it was given. */
  readonly eventFile: string;
  /** The event's baseline GCD file on this machine, for `{{BASELINE_GCD}}`; where it has one. */
  readonly baselineGcdPath?: string | undefined;
  readonly isRealEvent: boolean;
  /** Directory of baseline GCD files (`--gcd-dir`); need not exist. */
  readonly gcdDir: string;
  /** Default: silent. */
  readonly logger?: Logger;
  readonly signal?: AbortSignal;
}

/**
 * Runs the `prepare` step of a reco, once, at the server (reco protocol, section 6); undefined when its manifest has none.
 * @throws RecoError `prepare-failed` (with the end of stderr), `start-failed` (missing executable) or `image-failed`.
 */
export async function runPrepare(options: PrepareOptions): Promise<Prepared | undefined> {
  const { reco } = options;
  const { prepare } = reco.manifest;
  if (prepare === null) return undefined;
  const releases = createReleases();
  try {
    const ended = await execute(options, prepare, releases);
    return preparedFrom(ended, reco.manifest.name, prepare.timeoutSec);
  } catch (error) {
    if (error instanceof RecoError) throw error;
    throw new RecoError("prepare-failed", `prepare of reco ${reco.manifest.name}: ${messageOf(error)}`, { cause: error });
  } finally {
    await releases.run();
  }
}

async function execute(
  options: PrepareOptions,
  prepare: NonNullable<Manifest["prepare"]>,
  releases: ReturnType<typeof createReleases>,
): Promise<OneshotEnd> {
  const { reco, environment, scratchDir } = options;
  const guard = createOrphanGuard();
  releases.add(() => guard.close());
  const directory = createSlotDirectory(scratchDir, 0);
  releases.add(() => directory.remove());
  await directory.ready();
  const scratch = directory.scratch();
  const fileDirectory = createSlotDirectory(scratchDir, 0);
  releases.add(() => fileDirectory.remove());
  await fileDirectory.ready();
  const files = { ...(await oneshotFiles(join(fileDirectory.scratch(), "prepare"))), infile: resolve(options.eventFile) };
  const values: PlaceholderValues = {
    infile: files.infile,
    outfile: files.outfile,
    recoDir: reco.dir,
    scratch,
    dataHub: dataHubOf(options),
    ...(options.baselineGcdPath !== undefined && { baselineGcd: resolve(options.baselineGcdPath) }),
  };
  const gcdDir = resolve(options.gcdDir);
  const also = {
    SKYSCAN_PREPARE_REAL_EVENT: String(options.isRealEvent),
    SKYSCAN_PREPARE_GCD_DIR: gcdDir,
    ...(values.baselineGcd !== undefined && { SKYSCAN_PREPARE_BASELINE_GCD: values.baselineGcd }),
  };
  const command = filledCommand(prepare, values, environment);
  return runOneshot({
    launch: await launchOf({
      ...options,
      logger: options.logger ?? silentLogger,
      run: prepare,
      command,
      values,
      also,
      inputs: [gcdDir],
      slot: 0,
      signal: options.signal,
    }),
    scratch,
    files,
    limitMs: timerMs(prepare.timeoutSec),
    maxOutfileBytes: maxPreparedBytes,
    keepLogs: false,
    grace: options.grace ?? protocolGrace,
    guard,
    observer: options.observer,
    signal: options.signal ?? new AbortController().signal,
  });
}

function preparedFrom({ kind, end, outfile, logTail }: OneshotEnd, name: string, limitSec: number): Prepared {
  const failed = (why: string): RecoError => {
    const log = logTail.trimEnd();
    const shown = log === "" ? "" : `; its log ends: ${log.slice(-2000)}`;
    return new RecoError("prepare-failed", `prepare of reco ${name}: ${why}${shown}`, { stderrTail: logTail });
  };
  if (kind === "timed-out") throw failed(`it did not end within ${limitSec} s`);
  if (kind === "cancelled") throw failed("it was stopped");
  if (end.status !== 0) throw failed(`it ${describeEnd(end)}`);
  if (outfile.text === undefined) throw failed(outfile.problem ?? "it left no outfile");
  let value: unknown;
  try {
    value = parseForeignJson(outfile.text);
  } catch (error) {
    throw failed(`its outfile is not JSON (${messageOf(error)})`);
  }
  const parsed = preparedSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issues = parsed.error.issues.map((issue) => `key "${issue.path.join(".")}": ${issue.message}`);
  throw failed(`its outfile is not what it should be: ${issues.join("; ")}`);
}
