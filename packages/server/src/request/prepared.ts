import { basename } from "node:path";
import type { StartupFile } from "@skyscan/protocol";
import { createImages, runPrepare } from "@skyscan/recos";
import type { PrepareOptions, Prepared } from "@skyscan/recos";
import { processEnvironment } from "@skyscan/runtime";
import type { Logger } from "@skyscan/runtime";
import type { ScanInputs } from "./inputs.ts";

export interface PrepareInputsOptions extends Pick<PrepareOptions, "eventFile" | "gcdDir" | "scratchDir" | "container"> {
  /** Whether its image is pulled also when it is there. */
  readonly pullAlways: boolean | undefined;
  readonly logger: Logger;
  readonly signal: AbortSignal;
}

/**
 * The reco's own preparation, once per server start (reco-protocol, section 6); its seed takes the place of the event's.
 * @throws RecoError `prepare-failed`, `start-failed`, `image-failed`
 */
export async function prepareInputs(
  inputs: ScanInputs,
  { pullAlways, ...options }: PrepareInputsOptions,
): Promise<{ readonly inputs: ScanInputs; readonly prepared: Prepared }> {
  const environment = processEnvironment();
  const { reco, isRealEvent } = inputs;
  const baselineGcdPath = inputs.baselineGcd?.path;
  const images = createImages({ pullAlways, environment, logger: options.logger });
  const prepared = (await runPrepare({ ...options, reco, isRealEvent, baselineGcdPath, images, environment })) ?? {};
  if (prepared.seed === undefined) return { inputs, prepared };
  const { xM, yM, zM, timeNs } = prepared.seed;
  const eventSeed = { xM: xM ?? NaN, yM: yM ?? NaN, zM: zM ?? NaN, timeNs: timeNs ?? NaN };
  return { inputs: { ...inputs, seedRules: { ...inputs.seedRules, eventSeed } }, prepared };
}

/** What clients and recos are told; what the reco's preparation made takes the place of what the event gives. */
export function startupFileOf(
  inputs: ScanInputs,
  prepared: Prepared,
  scanId: string,
  broker: StartupFile["broker"],
): StartupFile {
  const { manifest, manifestSha256 } = inputs.reco;
  return {
    version: 1,
    scan_id: scanId,
    mq_basename: scanId,
    reco_algo: manifest.name,
    reco: { name: manifest.name, version: manifest.version, manifestSha256, options: { ...inputs.recoOptions } },
    event: inputs.startupEvent,
    baseline_GCD_file: inputs.baselineGcd?.path ?? null,
    baseline_GCD_sha256: preparedOther(inputs, prepared) ? null : (inputs.baselineGcd?.sha256 ?? null),
    GCDQp_packet: inputs.gcdqpPacket,
    ...Object.fromEntries(Object.entries(prepared).filter(([, value]) => value !== undefined)),
    broker,
    ended: false,
  };
}

/** Whether the reco's preparation names another baseline GCD file than the one that was found here. */
const preparedOther = ({ baselineGcd }: ScanInputs, { baseline_GCD_file: named }: Prepared): boolean =>
  typeof named === "string" && baselineGcd !== null && basename(named) !== basename(baselineGcd.path);
