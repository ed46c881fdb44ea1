import type { FitPayload, StartupFile } from "@skyscan/protocol";
import { UsageError } from "@skyscan/runtime";
import type { Logger, SettingValues } from "@skyscan/runtime";
import { isPixel } from "@skyscan/healpix";
import type { Reco } from "@skyscan/recos";
import type { serverSettingTable } from "../request/env.ts";
import { readInputs } from "../request/inputs.ts";
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

/** For trying recos: the same road as a scan's. @throws UsageError. */
export async function prepareEvent(
  request: Pick<
    ScanRequest,
    "eventFile" | "recoAlgo" | "recoOptions" | "recoPath" | "geometry" | "realEvent" | "cacheDir" | "gcdDir"
  >,
  environment: SettingValues<typeof serverSettingTable>,
  logger: Logger,
): Promise<PreparedEvent> {
  const full = { ...request, nsides: ["1:0"], predictiveScanningThreshold: 1, seed: undefined };
  const inputs = await readInputs(full, environment, logger);
  const { manifest, manifestSha256 } = inputs.reco;
  return {
    reco: inputs.reco,
    recoOptions: inputs.recoOptions,
    startup: {
      version: 1,
      scan_id: `${inputs.event.name}-single`,
      mq_basename: `${inputs.event.name}-single`,
      reco_algo: manifest.name,
      reco: { name: manifest.name, version: manifest.version, manifestSha256, options: { ...inputs.recoOptions } },
      event: inputs.startupEvent,
      baseline_GCD_file: inputs.baselineGcd?.path ?? null,
      baseline_GCD_sha256: inputs.baselineGcd?.sha256 ?? null,
      GCDQp_packet: inputs.gcdqpPacket,
      broker: { client: "embedded", address: "none", tokenFile: null },
      ended: false,
    },
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
