import { RecoError } from "@skyscan/recos";
import type { Runner, RunnerOutcome } from "@skyscan/recos";
import { createFailureWaits } from "./failure-waits.ts";
import type { FailureWaits } from "./failure-waits.ts";
import type { Task } from "./ledger.ts";
import { createStartStrikes } from "./start-strikes.ts";

/** A runner at a place that another scan's fits may have. */
export interface SlotRunner extends Runner {
  /** They have it at this moment. */
  readonly taken?: boolean;
  /** Fits of this slot have it from now on, until `leave`. */
  enter?(): void;
  leave?(): void;
  /** Calls back when it may be free again. */
  onFree?(listener: () => void): void;
}

export interface SlotsOptions {
  /** One for each slot. */
  readonly runners: readonly SlotRunner[];
  /** The next unit to fit, if there is one. */
  readonly next: () => Task | undefined;
  /**
   * Tells of a fit that may take this client down, which begins when this has resolved; undefined: of this one nothing has to be told.
   * `first`: none has ended here yet.
   */
  readonly announce: (task: Task, first: boolean) => Promise<void> | undefined;
  /** A fit ended. */
  readonly ended: (task: Task, outcome: RunnerOutcome) => void;
  /** The reco could not be brought up for this unit, which is not begun. `givenUp`: it happened too often in a row. */
  readonly startFailed: (task: Task, error: RecoError, givenUp: boolean) => void;
  /** A runner did what its contract excludes. */
  readonly broken: (task: Task, error: unknown) => void;
  /** Some fit of the scan has succeeded somewhere, or may yet. */
  readonly proven: () => boolean;
}

/** The places where fits run: each has its own runner and its own wait after failures. */
export interface Slots {
  /** Begins what can be begun: call when there is something new to fit. */
  pump(): void;
  /** Ends the fit of a task, if it runs here. */
  abort(task: Task): void;
  /** Begins nothing more. */
  stop(): void;
  /** As `stop`; ends every fit and every reco process. */
  close(): Promise<void>;
}

interface Slot {
  readonly runner: SlotRunner;
  readonly waits: FailureWaits;
  open: number;
  timer: NodeJS.Timeout | undefined;
}

const startCodes: readonly string[] = ["start-failed", "image-failed"];

/**
 * What a slot does after a fit: `result` begins the next at once; `failure` waits (1, 2, 4 … 60 s) unless the reco said that another try cannot help,
 * which speaks of the unit and not of this host; a reco that did not start waits likewise, whether or not the scan is proven.
 */
export function createSlots(options: SlotsOptions): Slots {
  const slots: Slot[] = options.runners.map((runner) => ({ runner, waits: createFailureWaits(), open: 0, timer: undefined }));
  const strikes = createStartStrikes();
  const aborts = new Map<Task, AbortController>();
  /** Those of fits that ended by themselves serve again: making one costs more than all else here. */
  const spareAborts: AbortController[] = [];
  let stopped = false;
  let noneEnded = true;

  /** Failures while it rests already (of units that were sent ahead to the same process) are one mishap, not several. */
  function rest(slot: Slot, proven: boolean): void {
    if (stopped || slot.timer !== undefined) return;
    const ms = slot.waits.afterFailure(proven);
    slot.timer = setTimeout(() => {
      slot.timer = undefined;
      pump();
    }, ms);
  }

  /** The slot that has most room, so that slots fill evenly before a second unit is sent ahead to one. */
  function freest(): Slot | undefined {
    let best: Slot | undefined;
    for (const slot of slots) {
      if (slot.timer !== undefined || slot.open >= slot.runner.inFlight || slot.runner.taken === true) continue;
      if (best === undefined || slot.open < best.open) best = slot;
    }
    return best;
  }

  function pump(): void {
    while (!stopped) {
      const slot = freest();
      const task = slot === undefined ? undefined : options.next();
      if (slot === undefined || task === undefined) return;
      if (slot.open === 0) slot.runner.enter?.();
      slot.open += 1;
      fit(slot, task);
    }
  }

  /** n.b. not async: of very short fits it is the promises that cost. */
  function fit(slot: Slot, task: Task): void {
    const abort = spareAborts.pop() ?? new AbortController();
    aborts.set(task, abort);
    const begun = strikes.begin();
    const run = (): Promise<RunnerOutcome> =>
      slot.runner.run({ unit: task.unit, attempt: task.attempt, payload: task.payload }, abort.signal);
    const told = options.announce(task, noneEnded);
    (told === undefined ? run() : told.then(run)).then(
      (outcome) => {
        free(slot, task, abort);
        answered(slot, task, outcome);
      },
      (error: unknown) => {
        free(slot, task, abort);
        didNotRun(slot, task, error, begun);
      },
    );
  }

  function free(slot: Slot, task: Task, abort: AbortController): void {
    slot.open -= 1;
    if (slot.open === 0) slot.runner.leave?.();
    aborts.delete(task);
    if (!abort.signal.aborted) spareAborts.push(abort);
  }

  function answered(slot: Slot, task: Task, outcome: RunnerOutcome): void {
    if (outcome.kind !== "cancelled") {
      noneEnded = false;
      strikes.started();
    }
    if (outcome.kind === "result") slot.waits.afterSuccess();
    if (outcome.kind === "failure" && outcome.retry) rest(slot, options.proven());
    // The next fit is on its way before this one's outcome is seen to: they go on side by side.
    pump();
    // n.b. no microtask: each brings an asynchronous context of its own.
    process.nextTick(() => {
      options.ended(task, outcome);
      pump();
    });
  }

  function didNotRun(slot: Slot, task: Task, error: unknown, begun: number): void {
    if (error instanceof RecoError && startCodes.includes(error.code)) {
      rest(slot, true);
      options.startFailed(task, error, strikes.failed(begun));
    } else options.broken(task, error);
    pump();
  }

  function stop(): void {
    stopped = true;
    for (const slot of slots) clearTimeout(slot.timer);
  }

  for (const runner of options.runners) runner.onFree?.(pump);

  return {
    pump,
    abort: (task) => aborts.get(task)?.abort(),
    stop,
    async close() {
      stop();
      for (const abort of aborts.values()) abort.abort();
      await Promise.allSettled(slots.map((slot) => slot.runner.close()));
    },
  };
}
