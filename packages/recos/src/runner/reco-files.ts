import { basename, join } from "node:path";
import { writeFileAtomically } from "@skyscan/runtime";
import type { Logger } from "@skyscan/runtime";
import type { GcdPlaces } from "../gcd/settings.ts";
import { stageBaselineGcd } from "../gcd/stage-gcd.ts";
import { RecoError } from "../manifest/errors.ts";
import type { Reco } from "../manifest/manifest-file.ts";
import { usesPlaceholder } from "../manifest/placeholders.ts";
import { writeRecoStartup } from "./reco-startup.ts";
import type { RecoStartup } from "./reco-startup.ts";

/** The files of one scan that its reco reads; they do not change. */
export interface RecoFiles {
  /** The private copy of the startup file. */
  readonly startupPath: string;
  /** `{{GCDQP_PACKET}}`; only for recos whose command has it. */
  readonly gcdqpPacketPath?: string | undefined;
  /** `{{BASELINE_GCD}}`; only for recos whose command has it. */
  readonly baselineGcdPath?: string | undefined;
}

export interface RecoFilesOptions {
  readonly reco: Pick<Reco, "manifest" | "manifestPath">;
  readonly startup: RecoStartup;
  /** Where they are written; there already. */
  readonly directory: string;
  readonly gcd: GcdPlaces;
  readonly logger: Logger;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Writes what a reco reads beside its units, and has the baseline GCD file brought here when its command asks for it: by the base name of
 * what the startup file names, since that is a path of the server's machine.
 * @throws RecoError `start-failed` when the startup file does not carry what the command asks for, `gcd-missing`; Node's error when
 * `directory` cannot be written.
 */
export async function writeRecoFiles(options: RecoFilesOptions): Promise<RecoFiles> {
  const { reco, startup, directory } = options;
  const { run } = reco.manifest;
  const startupPath = join(directory, "client-startup.json");
  await writeRecoStartup(startup, startupPath);
  let gcdqpPacketPath: string | undefined;
  if (usesPlaceholder(run, "GCDQP_PACKET")) {
    if ((startup.GCDQp_packet ?? null) === null) throw lacking(reco, "{{GCDQP_PACKET}}", "GCDQp_packet");
    gcdqpPacketPath = join(directory, "GCDQp_packet.json");
    await writeFileAtomically(gcdqpPacketPath, JSON.stringify(startup.GCDQp_packet));
  }
  let baselineGcdPath: string | undefined;
  if (usesPlaceholder(run, "BASELINE_GCD")) {
    if (startup.baseline_GCD_file === null) throw lacking(reco, "{{BASELINE_GCD}}", "baseline_GCD_file");
    const { gcd: places, logger, signal } = options;
    const sha256 = startup.baseline_GCD_sha256 ?? undefined;
    const staged = await stageBaselineGcd(basename(startup.baseline_GCD_file), { places, sha256, logger, signal });
    baselineGcdPath = staged.path;
  }
  return { startupPath, gcdqpPacketPath, baselineGcdPath };
}

const lacking = ({ manifestPath }: Pick<Reco, "manifestPath">, placeholder: string, key: string): RecoError =>
  new RecoError(
    "start-failed",
    `${manifestPath}: the command has ${placeholder}, but the startup file carries no ${key}: "needs" must list "gcdqp", and the event must have it`,
  );
