import type { Broker } from "@skyscan/broker";
import { silentLogger } from "@skyscan/runtime";
import { createCare } from "../src/units/care.ts";
import type { Care } from "../src/units/care.ts";
import { createCollect } from "../src/units/collect.ts";
import type { Collect, CollectOptions } from "../src/units/collect.ts";
import type { Copies } from "../src/units/copies.ts";
import { createCounters } from "../src/state/counters.ts";
import type { Counters } from "../src/state/counters.ts";
import type { Dispatch } from "../src/units/dispatch.ts";
import { createKillers } from "../src/units/killers.ts";
import type { Killers } from "../src/units/killers.ts";
import type { ScanState } from "../src/state/scan-state.ts";
import { createWorkers } from "../src/workers/workers.ts";
import type { Workers } from "../src/workers/workers.ts";
import { recordingBroadcaster, scan } from "./deliveries.ts";
import { dispatchOver } from "./dispatch-over.ts";
import { copiesOf } from "./late-units.ts";
import { memoryJournal, recordingPublisher } from "./stand-ins.ts";
import type { MemoryJournal, RecordingPublisher } from "./stand-ins.ts";

/** The parts of a server that see to units which are out, together as they are in a scan; what lies around them is played. */
export interface ScanParts {
  readonly journal: MemoryJournal;
  readonly publisher: RecordingPublisher;
  readonly broadcaster: ReturnType<typeof recordingBroadcaster>;
  readonly counters: Counters;
  readonly workers: Workers;
  readonly dispatch: Dispatch;
  readonly copies: Copies;
  readonly collect: Collect;
  readonly care: Care;
  readonly killers: Killers;
}

export interface ScanPartsOptions extends Partial<CollectOptions> {
  readonly nowMs: () => number;
  /** The journal keeps what it is given back from its disk until the test lets go. */
  readonly held?: boolean;
  /** Messages that wait in the work queue, as the broker would say. */
  readonly waiting?: () => number;
}

export function scanParts(state: ScanState, options: ScanPartsOptions): ScanParts {
  const { nowMs, held = false, waiting = () => 0, ...more } = options;
  const journal = memoryJournal(held);
  const publisher = recordingPublisher();
  const broadcaster = recordingBroadcaster();
  const counters = createCounters();
  const workers = createWorkers(nowMs);
  const dispatch = dispatchOver(state, publisher, { scanId: scan, nowMs });
  const copies = copiesOf({ journal, dispatch, counters, broadcaster, nowMs });
  const parts = { state, journal, dispatch, counters, nowMs, logger: silentLogger };
  const killers = createKillers({ ...parts, scanId: scan, run: 1, broadcaster });
  const collect = createCollect({
    ...parts,
    scanId: scan,
    copies,
    maxAttempts: 3,
    aliveHosts: () => 1,
    fitterOf: (id) => workers.fitterOf(id),
    onOutcome: () => undefined,
    onChange: () => undefined,
    onKilled: () => killers.due(),
    ...more,
  });
  const broker = { depth: () => Promise.resolve(waiting()) } as unknown as Broker;
  const care = createCare({ ...parts, collect, workers, broker, workQueue: "to-clients" });
  return { journal, publisher, broadcaster, counters, workers, dispatch, copies, collect, care, killers };
}
