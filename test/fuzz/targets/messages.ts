import {
  ProtocolError,
  decodeControl,
  decodeReply,
  decodeWork,
  decodeWorkers,
  packageVersion,
  parseUnitId,
  protocolVersion,
} from "@skyscan/protocol";
import { ClientFrame, HostFrame } from "../../../packages/broker/src/gen/skyscan/broker/v1/broker.ts";
import { emptyClientFrame, emptyHostFrame } from "../../../packages/broker/src/drivers/embedded/service.ts";
import type { Target } from "../target.ts";
import { mutateTree } from "../mutate-tree.ts";
import { msgpackOf } from "../tree-codecs.ts";

const common = { v: protocolVersion, scan: "scan-1", run: 2 };
const about = { unit: "64/22946/0", attempt: 1, runtimeSec: 0.25 };
const seed = { xM: 1.5, yM: null, zM: -300, timeNs: 9876.5, energyGeV: null };
const payload = {
  nside: 64,
  pixel: 22_946,
  posvar: 0,
  direction: { zenithRad: 0.1, azimuthRad: 6.2, raRad: 1, decRad: -1 },
  seed,
  fallbackSeed: null,
};
const result = { llh: 1117.75, eInGeV: null, eTotGeV: null, xM: 1, yM: 2, zM: 3, timeNs: 4 };

const work = [
  { ...common, proven: true, units: [{ unit: "64/22946/0", attempt: 2, avoid: ["host-a"], payload }] },
  {
    ...common,
    proven: false,
    units: Array.from({ length: 40 }, (_, pixel) => ({ unit: `64/${pixel}/0`, attempt: 1, payload: { ...payload, pixel } })),
  },
];
const replies = [
  {
    ...common,
    worker: "host-a-1",
    host: "host-a",
    outcomes: [
      { kind: "result", ...about, result },
      { kind: "failure", ...about, code: "crashed", message: "exit status 1", retry: true, stderrTail: "words\n" },
      { kind: "declined", ...about },
      { kind: "holding", ...about },
    ],
  },
];
const controls = [
  { ...common, type: "end" },
  { ...common, type: "cancel", units: ["64/22946/0"] },
  { ...common, type: "leave", worker: "host-a-1", why: "other reco" },
  { ...common, type: "who-holds" },
  { ...common, type: "status", id: "q", manifest: { progress: { a: [1, null, "x"] } } },
];
const statuses = [
  {
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
    versions: {
      protocol: protocolVersion,
      package: packageVersion,
      reco: { name: "dummy", version: "1.0.0", manifestSha256: "ab" },
    },
    state: "goodbye",
    why: "drained",
    whyCode: "start-failed",
  },
  { v: protocolVersion, type: "status-request", scan: "scan-1", id: "q" },
];

/** Few bytes that announce much: lists, maps, texts and extensions in msgpack. */
const announcements: readonly Uint8Array[] = [
  [0xdd, 0xff, 0xff, 0xff, 0xff],
  [0xdd, 0x01, 0xff, 0xff, 0xff],
  Array.from({ length: 200 }, () => [0xdd, 0x01, 0xff, 0xff, 0xff]).flat(),
  Array.from({ length: 200 }, () => [0xdc, 0xff, 0xff]).flat(),
  [0xdf, 0xff, 0xff, 0xff, 0xff],
  [0xdb, 0x7f, 0xff, 0xff, 0xff],
  [0xc6, 0x7f, 0xff, 0xff, 0xff],
  [0xc9, 0x7f, 0xff, 0xff, 0xff, 0x00],
  [0xc7, 0x04, 0x62, 0x7f, 0xff, 0xff, 0xff, 0x00],
  [0xd4, 0x72, 0x40, 0x92, 0xa1, 0x61, 0xa1, 0x62, 0x01, 0x02],
  [0xd6, 0x69, 0, 0, 0, 1, 0x91, 0xd6, 0x70, 0, 0, 0, 1],
  [0xc7, 0x06, 0x78, 0x92, 0xa2, 0x28, 0x2b, 0xa1, 0x67],
].map((bytes) => Uint8Array.from(bytes));

const messageTarget = (name: string, trees: readonly unknown[], decode: (bytes: Uint8Array) => unknown): Target => ({
  name,
  errors: [ProtocolError],
  corpus: () => [...trees.flatMap((tree) => [msgpackOf(tree), msgpackOf(tree)]), ...announcements],
  inside: (_, draws) => msgpackOf(mutateTree(draws.pick(trees), draws)),
  parse: decode,
});

export const messageTargets: readonly Target[] = [
  messageTarget("work-message", work, decodeWork),
  messageTarget("reply-message", replies, (bytes) => decodeReply(bytes).outcomes.map(({ unit }) => parseUnitId(unit))),
  messageTarget("control-message", controls, decodeControl),
  messageTarget("worker-status", statuses, decodeWorkers),
  {
    name: "broker-frame",
    // gRPC turns whatever is thrown there into the end of that one stream.
    errors: [Error],
    corpus: () => [
      ClientFrame.encode({
        ...emptyClientFrame(),
        publishes: [{ handle: 1, seq: 2, body: Buffer.from("body") }],
        acks: [1, 2, 3],
      }).finish(),
      HostFrame.encode({
        ...emptyHostFrame(),
        deliveries: [{ handle: 1, tag: 2, deliveryCount: 1, body: Buffer.from("body") }],
      }).finish(),
    ],
    parse: (bytes) => [ClientFrame.decode(bytes), HostFrame.decode(bytes)],
  },
];
