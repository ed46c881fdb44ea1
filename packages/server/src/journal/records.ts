import { Packr } from "msgpackr";
import type { FailureCode } from "@skyscan/protocol";
import { SkyscanError, messageOf } from "@skyscan/runtime";
import { recordProblem } from "./record-checks.ts";
import type { FitValues } from "../sky/pixel-table.ts";
import type { UnitKey } from "../sky/unit-key.ts";

/** First record: what scan this is. */
export interface HeaderRecord {
  readonly type: "header";
  readonly journalVersion: 1;
  readonly scanId: string;
  readonly digest: string;
  /** For people: the settings behind the digest. */
  readonly settings: Readonly<Record<string, unknown>>;
}

/** One start of a server on this scan. */
export interface RunRecord {
  readonly type: "run";
  readonly run: number;
  readonly host: string;
  readonly pid: number;
}

/** Pixels decided on, with the pixels whose best fits seed them (nside 0 = the event's own seed); replayed, never recomputed. */
export interface PlanRecord {
  readonly type: "plan";
  readonly nside: number;
  readonly pixels: Float64Array;
  readonly sourceNsides: Uint32Array;
  readonly sourcePixels: Float64Array;
  /** Pixels of the same plan in the records behind this one: room can be made for all of them at once. Absent: 0. */
  readonly more?: number;
}

/** The first final result of a unit. */
export interface ResultRecord extends UnitKey {
  readonly type: "result";
  readonly values: FitValues;
  readonly runtimeSec: number;
  /** Who fitted it: the index of a `worker` record before this one. Absent in journals of before. */
  readonly worker?: number;
}

/** The first result of a worker: from here on results name it by its index, counted from 0. */
export interface WorkerRecord {
  readonly type: "worker";
  readonly index: number;
  readonly worker: string;
  readonly host: string;
}

/** A failure that counted. */
export interface FailureRecord extends UnitKey {
  readonly type: "failure";
  readonly attempt: number;
  readonly host: string;
  readonly worker: string;
  readonly code: FailureCode;
  readonly message: string;
  readonly retry: boolean;
  readonly stderrTail: string;
}

/** The unit is NaN for good. */
export interface GaveUpRecord extends UnitKey {
  readonly type: "gave-up";
  readonly code: FailureCode;
  readonly message: string;
}

/** The unit came to the `dead` queue. */
export interface DeadRecord extends UnitKey {
  readonly type: "dead";
}

/** A worker was lost while its last beat said that it was fitting the unit. */
export interface LostRecord extends UnitKey {
  readonly type: "lost";
  readonly worker: string;
}

/** A worker failed what others do and was told to leave: its host keeps that over restarts. */
export interface SentAwayRecord {
  readonly type: "sent-away";
  readonly host: string;
  readonly worker: string;
  readonly why: string;
}

export interface EndRecord {
  readonly type: "end";
  readonly status: number;
}

export type JournalRecord =
  | HeaderRecord
  | RunRecord
  | PlanRecord
  | WorkerRecord
  | ResultRecord
  | FailureRecord
  | GaveUpRecord
  | DeadRecord
  | LostRecord
  | SentAwayRecord
  | EndRecord;

const packr = new Packr({ useRecords: false, mapsAsObjects: true, moreTypes: false });

/** First byte of a payload: results are by far the most, so they have a layout of their own; all else is a msgpack map. */
const kindResult = 1;
const kindMap = 2;
/** A result with the index of the worker behind it. */
const kindResultOf = 3;
const resultBytes = 1 + 4 + 8 + 2 + 7 * 8 + 8;

/** Payload of a record. */
export function encodeRecord(record: JournalRecord): Uint8Array {
  if (record.type === "result") return encodeResult(record);
  const packed = packr.pack(record.type === "plan" ? plainPlan(record) : record);
  const payload = new Uint8Array(packed.length + 1);
  payload[0] = kindMap;
  payload.set(packed, 1);
  return payload;
}

/** A plan as msgpack has it: typed arrays as bytes. A whole sky is one run of pixels without sources: two numbers. */
interface PlainPlan {
  readonly type: "plan";
  readonly nside: number;
  readonly more?: number;
  readonly run?: readonly [first: number, count: number];
  readonly pixels?: Uint8Array;
  readonly sourceNsides?: Uint8Array;
  readonly sourcePixels?: Uint8Array;
}

function plainPlan({ type, nside, more, pixels, sourceNsides, sourcePixels }: PlanRecord): PlainPlan {
  const first = pixels[0] ?? 0;
  const isRun = pixels.length > 0 && pixels.every((pixel, position) => pixel === first + position);
  return {
    type,
    nside,
    ...(more !== undefined && { more }),
    ...(isRun ? { run: [first, pixels.length] } : { pixels: bytesOf(pixels) }),
    ...(sourceNsides.some((source) => source !== 0) && {
      sourceNsides: bytesOf(sourceNsides),
      sourcePixels: bytesOf(sourcePixels),
    }),
  };
}

function planOf({ type, nside, more, run, pixels, sourceNsides, sourcePixels }: PlainPlan): PlanRecord {
  const list = run === undefined ? new Float64Array(alignedBuffer(pixels)) : countUp(run[0], run[1]);
  const plan = {
    type,
    nside,
    ...(more !== undefined && { more }),
    pixels: list,
    sourceNsides: sourceNsides === undefined ? new Uint32Array(list.length) : new Uint32Array(alignedBuffer(sourceNsides)),
    sourcePixels: sourcePixels === undefined ? new Float64Array(list.length) : new Float64Array(alignedBuffer(sourcePixels)),
  };
  const inSky = list.every((pixel) => pixel >= 0 && pixel < 12 * nside * nside && Number.isInteger(pixel));
  const once = run !== undefined || new Set(list).size === list.length;
  if (!inSky || !once || plan.sourceNsides.length !== list.length || plan.sourcePixels.length !== list.length) {
    throw new JournalRecordError("invalid", `a plan of ${list.length} pixels of nside ${nside} that does not fit together`);
  }
  return plan;
}

function countUp(first: number, count: number): Float64Array {
  const numbers = new Float64Array(count);
  for (let position = 0; position < count; position += 1) numbers[position] = first + position;
  return numbers;
}

function encodeResult(record: ResultRecord): Uint8Array {
  const { worker, values } = record;
  const payload = Buffer.allocUnsafe(worker === undefined ? resultBytes : resultBytes + 4);
  payload[0] = worker === undefined ? kindResult : kindResultOf;
  payload.writeUInt32LE(record.nside, 1);
  payload.writeDoubleLE(record.pixel, 5);
  payload.writeUInt16LE(record.posvar, 13);
  payload.writeDoubleLE(values.llh, 15);
  payload.writeDoubleLE(values.eIn, 23);
  payload.writeDoubleLE(values.eTot, 31);
  payload.writeDoubleLE(values.x, 39);
  payload.writeDoubleLE(values.y, 47);
  payload.writeDoubleLE(values.z, 55);
  payload.writeDoubleLE(values.t, 63);
  payload.writeDoubleLE(record.runtimeSec, 71);
  if (worker !== undefined) payload.writeUInt32LE(worker, resultBytes);
  return payload;
}

/** Thrown by `decodeRecord`: `unknown` is a layout of another version, `invalid` a map that is no record. Such a record is left out. */
export class JournalRecordError extends SkyscanError<"unknown" | "invalid"> {}

/** The record of a payload whose checksum was right. @throws JournalRecordError */
export function decodeRecord(payload: Uint8Array): JournalRecord {
  if (payload[0] === kindResult && payload.length === resultBytes) return decodeResult(payload);
  if (payload[0] === kindResultOf && payload.length === resultBytes + 4) return decodeResult(payload);
  if (payload[0] !== kindMap) throw new JournalRecordError("unknown", `a journal record of unknown kind ${String(payload[0])}`);
  let plain: unknown;
  try {
    plain = packr.unpack(payload.subarray(1));
  } catch (error) {
    throw new JournalRecordError("invalid", `a journal record that is no map (${messageOf(error)})`);
  }
  const problem = recordProblem(plain);
  if (problem !== undefined) throw new JournalRecordError("invalid", `a journal record that is none: ${problem}`);
  const record = plain as Exclude<JournalRecord, PlanRecord> | PlainPlan;
  return record.type === "plan" ? planOf(record) : record;
}

function decodeResult(payload: Uint8Array): ResultRecord {
  const view = new DataView(payload.buffer, payload.byteOffset, payload.byteLength);
  const at = (position: number): number => view.getFloat64(15 + 8 * position, true);
  return {
    type: "result",
    nside: view.getUint32(1, true),
    pixel: view.getFloat64(5, true),
    posvar: view.getUint16(13, true),
    values: { llh: at(0), eIn: at(1), eTot: at(2), x: at(3), y: at(4), z: at(5), t: at(6) },
    runtimeSec: at(7),
    ...(payload[0] === kindResultOf && { worker: view.getUint32(resultBytes, true) }),
  };
}

// Typed arrays are little-endian on every platform that Node supports.
const bytesOf = (array: Float64Array | Uint32Array): Uint8Array =>
  new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
const alignedBuffer = (bytes: Uint8Array | undefined): ArrayBuffer => new Uint8Array(bytes ?? []).buffer;
