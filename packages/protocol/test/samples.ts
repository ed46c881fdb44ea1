// A message of every kind, and a startup file: what the tests of this package look at, and where fuzzing begins.
import { protocolVersion } from "../src/index.ts";
import type { ControlMessage, Outcome, ReplyMessage, StartupFile, WorkMessage, WorkerStatus } from "../src/index.ts";

export const common = { v: protocolVersion, scan: "scan-1", run: 2 };
export const about = { unit: "64/22946/0", attempt: 1, runtimeSec: 0.25 };
export const work: WorkMessage = {
  ...common,
  proven: true,
  units: [
    {
      unit: "64/22946/0",
      attempt: 2,
      avoid: ["host-a"],
      payload: {
        nside: 64,
        pixel: 22946,
        posvar: 0,
        direction: { zenithRad: 0.1, azimuthRad: 6.283185307179586, raRad: 5e-324, decRad: -1.7976931348623157e308 },
        seed: { xM: 1.5, yM: null, zM: -300, timeNs: 9876.5, energyGeV: null },
        fallbackSeed: null,
      },
    },
  ],
};
const outcomes: Outcome[] = [
  { kind: "result", ...about, result: { llh: 1117.75, eInGeV: null, eTotGeV: null, xM: 1, yM: 2, zM: 3, timeNs: 4 } },
  { kind: "failure", ...about, code: "crashed", message: "exit status 1", retry: true, stderrTail: "ünïcode\n" },
  { kind: "declined", ...about },
  { kind: "holding", ...about },
];
export const reply: ReplyMessage = { ...common, worker: "host-a-1", host: "host-a", outcomes };
export const status: WorkerStatus = {
  v: protocolVersion,
  type: "worker-status",
  scan: "scan-1",
  worker: "host-a-1",
  host: "host-a",
  slots: 4,
  lookahead: 4,
  done: 100,
  failed: 1,
  holding: [{ unit: "64/22946/0", elapsedSec: 12.5 }],
  versions: { protocol: 1, package: "0.1.0", reco: { name: "dummy", version: "1.0.0", manifestSha256: "ab" } },
  state: "goodbye",
  why: "drained",
  whyCode: "start-failed",
};
export const controls: ControlMessage[] = [
  { ...common, type: "end" },
  { ...common, type: "cancel", units: ["64/22946/0"] },
  { ...common, type: "leave", worker: "host-a-1", why: "other reco" },
  { ...common, type: "who-holds" },
  { ...common, type: "status", id: "q", manifest: { progress: { a: [1, null, "x"] } } },
];

export const startup: StartupFile = {
  version: 1,
  scan_id: "run00136662.evt000035405932.neutrino-pandel-8_64-0a1b2c3d",
  mq_basename: "run00136662.evt000035405932.neutrino-pandel-8_64-0a1b2c3d",
  reco_algo: "pandel",
  reco: { name: "pandel", version: "1.0.0", manifestSha256: "ab", options: { hits: "srt" } },
  event: {
    runId: 136662,
    eventId: 35405932,
    eventType: "neutrino",
    mjd: 59715.1,
    isRealEvent: true,
    pulseSeries: "SplitUncleanedInIcePulses",
    doms: [{ string: 1, om: 1, xM: -256.14, yM: -521.08, zM: 496.03, pulses: [[9876.5, 1.2, 8, 7]] }],
    recorded: { OnlineL2_SplineMPE: { zenithRad: 1.2, azimuthRad: 3.4, xM: 0, yM: 0, zM: 0, timeNs: null } },
  },
  baseline_GCD_file: null,
  GCDQp_packet: { frames: [["G", "…"]] },
  broker: { client: "rabbitmq", address: "host/vhost", tokenFile: null },
  ended: false,
};
