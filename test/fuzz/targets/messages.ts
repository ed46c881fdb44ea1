import {
  ProtocolError,
  decodeControl,
  decodeReply,
  decodeWork,
  decodeWorkers,
  parseUnitId,
  protocolVersion,
} from "@skyscan/protocol";
import { ClientFrame, HostFrame } from "../../../packages/broker/src/gen/skyscan/broker/v1/broker.ts";
import { emptyClientFrame, emptyHostFrame } from "../../../packages/broker/src/drivers/embedded/service.ts";
import { controls, reply, status, work } from "../../../packages/protocol/test/samples.ts";
import type { Target } from "../target.ts";
import { mutateTree } from "../mutate-tree.ts";
import { msgpackOf } from "../tree-codecs.ts";

/** One message of many units beside the sample. */
const works = [
  work,
  {
    ...work,
    proven: false,
    units: Array.from({ length: 40 }, (_, pixel) => ({
      unit: `64/${pixel}/0`,
      attempt: 1,
      payload: { ...work.units[0]!.payload, pixel },
    })),
  },
];
const statuses = [status, { v: protocolVersion, type: "status-request", scan: "scan-1", id: "q" }];

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
  messageTarget("work-message", works, decodeWork),
  messageTarget("reply-message", [reply], (bytes) => decodeReply(bytes).outcomes.map(({ unit }) => parseUnitId(unit))),
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
