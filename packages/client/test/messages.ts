import { decodeReply, decodeWorkers, encode, protocolVersion } from "@skyscan/protocol";
import type { ControlMessage, Outcome, StartupFile, WorkerStatus, WorkUnit } from "@skyscan/protocol";

export const scan = "run00000001.evt000000000002.neutrino-dummy-1-0a1b2c3d";

export const recoIdentity = { name: "dummy", version: "1.0.0", manifestSha256: "ab".repeat(32) };

export const startupOf = (more: Partial<StartupFile> = {}): StartupFile => ({
  version: 1,
  scan_id: scan,
  mq_basename: scan,
  reco_algo: "dummy",
  reco: { ...recoIdentity, options: {} },
  event: null,
  baseline_GCD_file: null,
  GCDQp_packet: null,
  broker: { client: "embedded", address: "127.0.0.1:1", tokenFile: null },
  ended: false,
  ...more,
});

export const workUnit = (pixel: number, more: Partial<WorkUnit> = {}): WorkUnit => ({
  unit: `1/${pixel}/0`,
  attempt: 1,
  payload: {
    nside: 1,
    pixel,
    posvar: 0,
    direction: { zenithRad: 1, azimuthRad: 1, raRad: 1, decRad: 1 },
    seed: null,
    fallbackSeed: null,
  },
  ...more,
});

export const workBytes = (units: readonly WorkUnit[], more: { proven?: boolean; run?: number; scan?: string } = {}): Uint8Array =>
  encode({ v: protocolVersion, scan, run: 1, proven: true, ...more, units: [...units] });

type Without<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;
export const controlBytes = (message: Without<ControlMessage, "v" | "scan" | "run">, of = scan): Uint8Array =>
  encode({ v: protocolVersion, scan: of, run: 1, ...message });

export const outcomesOf = (bodies: readonly Uint8Array[]): readonly Outcome[] =>
  bodies.flatMap((body) => decodeReply(body).outcomes);

export const statusesOf = (bodies: readonly Uint8Array[]): readonly WorkerStatus[] =>
  bodies.map(decodeWorkers).filter((message) => message.type === "worker-status");
