import { silentLogger } from "@skyscan/runtime";
import { parseNsides } from "@skyscan/server";
import { ServerError } from "../../../packages/server/src/errors.ts";
import { createFrameReader, frame } from "../../../packages/server/src/journal/frames.ts";
import { openJournal } from "../../../packages/server/src/journal/journal.ts";
import { encodeRecord } from "../../../packages/server/src/journal/records.ts";
import type { JournalRecord } from "../../../packages/server/src/journal/records.ts";
import { createScanState } from "../../../packages/server/src/state/scan-state.ts";
import type { ScanState } from "../../../packages/server/src/state/scan-state.ts";
import type { Draws } from "../draws.ts";
import { mutateBytes } from "../mutate-bytes.ts";
import { mutateTree } from "../mutate-tree.ts";
import { Refused } from "../target.ts";
import type { Target } from "../target.ts";
import { msgpackOf } from "../tree-codecs.ts";
import { temporaryFile } from "./files.ts";

const unit = { nside: 8, pixel: 340, posvar: 0 };
const values = { llh: 1117.75, eIn: 1, eTot: 2, x: 3, y: 4, z: 5, t: 6 };
const records: readonly JournalRecord[] = [
  { type: "header", journalVersion: 1, scanId: "scan-1", digest: "ab", settings: { nsides: "8:0 64:12" } },
  { type: "run", run: 1, host: "host", pid: 123 },
  {
    type: "plan",
    nside: 8,
    pixels: Float64Array.from({ length: 768 }, (_, pixel) => pixel),
    sourceNsides: new Uint32Array(768),
    sourcePixels: new Float64Array(768),
  },
  {
    type: "failure",
    ...unit,
    attempt: 1,
    host: "host",
    worker: "host-1",
    code: "crashed",
    message: "status 1",
    retry: true,
    stderrTail: "words",
  },
  { type: "dead", ...unit },
  { type: "lost", ...unit, worker: "host-1" },
  { type: "result", ...unit, values, runtimeSec: 1 },
  { type: "gave-up", nside: 8, pixel: 341, posvar: 0, code: "timed-out", message: "too slow" },
  {
    type: "plan",
    nside: 64,
    pixels: Float64Array.of(5, 9, 2),
    sourceNsides: Uint32Array.of(8, 8, 8),
    sourcePixels: Float64Array.of(340, 340, 341),
    more: 3,
  },
  { type: "end", status: 0 },
];
const journal = (): Uint8Array => Buffer.concat(records.map((record) => frame(encodeRecord(record))));

/** A payload with its bytes or its map mutated; the layouts of plans are asked for too much now and then. */
function insideRecord(payload: Uint8Array, draws: Draws): Uint8Array {
  if (draws.chance(0.4)) return mutateBytes(payload, draws, payload);
  const trees: readonly unknown[] = [
    ...records.filter(({ type }) => type !== "result" && type !== "plan"),
    { type: "plan", nside: 8, run: [0, 768] },
    { type: "plan", nside: 8, run: [0, draws.pick([1e9, 1e15, -1, 0.5])] },
    {
      type: "plan",
      nside: 64,
      more: draws.pick([3, 1e9, 1e15, -5]),
      pixels: new Uint8Array(draws.pick([0, 7, 8, 24])),
      sourceNsides: new Uint8Array(12),
      sourcePixels: new Uint8Array(24),
    },
    { type: "plan", nside: draws.pick([2 ** 24, 2 ** 30, 3, 0]), run: [0, 12] },
  ];
  return Buffer.concat([Uint8Array.of(2), msgpackOf(mutateTree(draws.pick(trees), draws))]);
}

/** A journal with one record's payload mutated, or records left out, repeated or swapped: every checksum is right. */
function insideJournal(sample: Uint8Array, draws: Draws): Uint8Array | undefined {
  const payloads: Uint8Array[] = [];
  const reader = createFrameReader((payload) => payloads.push(payload));
  reader.push(sample);
  reader.end();
  if (payloads.length === 0) return undefined;
  const at = draws.below(payloads.length);
  const other = draws.below(payloads.length);
  const changed = draws.pick<() => Uint8Array[]>([
    () => payloads.with(at, insideRecord(payloads[at]!, draws)),
    () => payloads.with(at, insideRecord(payloads[at]!, draws)),
    () => payloads.toSpliced(at, 1),
    () => payloads.toSpliced(at, 0, payloads[other]!),
    () => payloads.with(at, payloads[other]!).with(other, payloads[at]!),
  ])();
  return Buffer.concat(changed.map(frame));
}

const newState = (): ScanState => createScanState(parseNsides(["8:0 64:12"]).steps, 1);
/** Heads that announce large payloads, one in the other. */
const nestedHeads = (): Uint8Array => {
  const head = Buffer.from(frame(new Uint8Array(0)));
  head.writeUInt32LE(100_000, 4);
  return Buffer.concat([Buffer.concat(Array.from({ length: 10_000 }, () => head)), Buffer.alloc(100_000)]);
};

export const journalTargets: readonly Target[] = [
  {
    name: "journal",
    errors: [ServerError, Refused],
    corpus: () => [journal(), journal(), nestedHeads()],
    inside: insideJournal,
    async parse(bytes) {
      const state = newState();
      const warnings: unknown[] = [];
      const logger = { ...silentLogger, warn: (...words: unknown[]) => void warnings.push(words) };
      const opened = await openJournal(temporaryFile("journal", bytes), (record) => void state.apply(record), logger);
      await opened.close();
      if (warnings.length > 0) throw new Refused("in part");
    },
  },
];
