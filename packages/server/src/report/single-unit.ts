import { join } from "node:path";
import type { FitPayload, StartupFile } from "@skyscan/protocol";
import { UsageError } from "@skyscan/runtime";
import type { Logger, SettingValues } from "@skyscan/runtime";
import { isPixel } from "@skyscan/healpix";
import type { Reco } from "@skyscan/recos";
import type { serverSettingTable } from "../request/env.ts";
import { readInputs } from "../request/inputs.ts";
import { prepareInputs, startupFileOf } from "../request/prepared.ts";
import type { UnitKey } from "../sky/unit-key.ts";
import type { ScanRequest } from "../request/request.ts";
import { makePayload } from "../sky/seeds.ts";

/** One reco and one event, as a scan would bring them together, without a scan. */
export interface PreparedEvent {
  readonly reco: Reco;
  readonly recoOptions: Readonly<Record<string, string>>;
  /** What the reco reads; its `broker` part is never used. */
  readonly startup: StartupFile;
  /** A unit as the first nside of a scan would have it (seeded by the event). @throws UsageError for what is no unit. */
  payloadOf(unit: UnitKey): FitPayload;
}

/** What says which reco, which event, and how the reco's preparation is run. */
export interface PrepareEventRequest extends Pick<
  ScanRequest,
  "eventFile" | "recoAlgo" | "recoOptions" | "recoPath" | "geometry" | "realEvent" | "cacheDir" | "gcdDir" | "container"
> {
  readonly pullAlways: boolean | undefined;
}

/** For trying recos: the same road as a scan's, with the reco's preparation. @throws UsageError; RecoError `prepare-failed` … */
export async function prepareEvent(
  request: PrepareEventRequest,
  environment: SettingValues<typeof serverSettingTable>,
  logger: Logger,
  signal: AbortSignal,
): Promise<PreparedEvent> {
  const full = { ...request, nsides: ["1:0"], predictiveScanningThreshold: 1, seed: undefined };
  const read = await readInputs(full, environment, logger, signal);
  const { eventFile, gcdDir, cacheDir, container, pullAlways } = request;
  const scratchDir = join(cacheDir, "prepare");
  const { inputs, prepared } = await prepareInputs(read, {
    ...{ eventFile, gcdDir, scratchDir, container, pullAlways },
    ...{ logger, signal },
  });
  const { manifest } = inputs.reco;
  const nowhere = { client: "embedded", address: "none", tokenFile: null };
  return {
    reco: inputs.reco,
    recoOptions: inputs.recoOptions,
    startup: startupFileOf(inputs, prepared, `${inputs.event.name}-single`, nowhere),
    payloadOf(unit) {
      if (!isPixel(unit.nside, unit.pixel))
        throw new UsageError(
          `unit ${unit.nside}/${unit.pixel}/${unit.posvar}: there is no such pixel (nside a power of two, pixel below 12 nside^2)`,
        );
      if (unit.posvar >= inputs.seedRules.offsetsM.length) {
        throw new UsageError(
          `unit ${unit.nside}/${unit.pixel}/${unit.posvar}: ${manifest.name} has the position variations 0 to ${inputs.seedRules.offsetsM.length - 1}`,
        );
      }
      return makePayload(inputs.seedRules, new Map(), unit);
    },
  };
}
