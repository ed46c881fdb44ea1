import { publishingWith } from "@skyscan/broker";
import type { Publisher } from "@skyscan/broker";
import { decodeWork } from "@skyscan/protocol";
import type { WorkMessage, WorkUnit } from "@skyscan/protocol";
import type { Journal } from "../src/journal/journal.ts";
import type { FailureRecord, JournalRecord, PlanRecord, ResultRecord } from "../src/journal/records.ts";
import type { UnitKey } from "../src/sky/unit-key.ts";
import { parseNsides } from "../src/sky/nsides.ts";
import type { FitValues } from "../src/sky/pixel-table.ts";
import { createScanState } from "../src/state/scan-state.ts";
import type { ScanState } from "../src/state/scan-state.ts";

/** A fit whose every value tells its llh. */
export const fit = (llh: number): FitValues => ({
  llh,
  eIn: llh + 1,
  eTot: llh + 2,
  x: llh + 3,
  y: llh + 4,
  z: llh + 5,
  t: llh + 6,
});

export const unit = (nside: number, pixel: number, posvar = 0): UnitKey => ({ nside, pixel, posvar });

export const planOf = (
  nside: number,
  pixels: readonly number[],
  source: { nside: number; pixel: number } = { nside: 0, pixel: 0 },
): PlanRecord => ({
  type: "plan",
  nside,
  pixels: Float64Array.from(pixels),
  sourceNsides: Uint32Array.from(pixels, () => source.nside),
  sourcePixels: Float64Array.from(pixels, () => source.pixel),
});

export const resultOf = (key: UnitKey, llh: number): ResultRecord => ({
  type: "result",
  ...key,
  values: fit(llh),
  runtimeSec: 1.5,
});

export const failureOf = (key: UnitKey, attempt: number, host = "host-a"): FailureRecord => ({
  type: "failure",
  ...key,
  attempt,
  host,
  worker: `${host}-1`,
  code: "crashed",
  message: "exit status 1",
  retry: true,
  stderrTail: "",
});

export const upTo = (count: number): number[] => Array.from({ length: count }, (_, position) => position);

/** A scan's state over a progression, with the records already applied. */
export function stateOf(nsides: string, posvars: number, ...records: readonly JournalRecord[]): ScanState {
  const state = createScanState(parseNsides([nsides]).steps, posvars);
  for (const record of records) state.apply(record);
  return state;
}

export interface MemoryJournal extends Journal {
  readonly records: readonly JournalRecord[];
  /** Calls what waits for the disk. */
  sync(): void;
}

/** A journal in memory; with `held`, nothing is durable before `sync()`. */
export function memoryJournal(held = false): MemoryJournal {
  const records: JournalRecord[] = [];
  let waiting: (() => void)[] = [];
  const sync = (): void => {
    const now = waiting;
    waiting = [];
    for (const durable of now) durable();
  };
  return {
    records,
    damaged: false,
    append(record, durable) {
      records.push(record);
      if (durable !== undefined) waiting.push(durable);
      if (!held) sync();
    },
    afterDurable(durable) {
      waiting.push(durable);
      if (!held) sync();
    },
    flush() {
      sync();
      return Promise.resolve();
    },
    failed: new Promise<never>(() => undefined),
    close: () => Promise.resolve(),
    sync,
  };
}

export interface RecordingPublisher extends Publisher {
  readonly messages: readonly WorkMessage[];
  readonly units: readonly WorkUnit[];
  readonly ids: readonly string[];
}

/** Takes every work message, as a broker that is always there. `answer` may refuse. */
export function recordingPublisher(answer: () => Promise<void> = () => Promise.resolve()): RecordingPublisher {
  const messages: WorkMessage[] = [];
  return {
    messages,
    get units() {
      return messages.flatMap((message) => message.units);
    },
    get ids() {
      return messages.flatMap((message) => message.units.map((work) => work.unit));
    },
    ...publishingWith((body) => {
      messages.push(decodeWork(body));
      return answer();
    }),
    publishUnconfirmed: () => undefined,
    drain: () => Promise.resolve(),
    close: () => Promise.resolve(),
  };
}
