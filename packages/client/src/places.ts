import { availableParallelism } from "node:os";
import type { Runner, RunnerOutcome, RunnerUnit } from "@skyscan/recos";
import type { SlotRunner } from "./slots.ts";

/** What one scan has of the client's places. */
export interface Share {
  /** One for each slot that the scan could have if it were alone. */
  readonly runners: readonly SlotRunner[];
  /** Slots at which its own fits run. */
  readonly busy: number;
  /** All its slots are busy, and another scan has some of them. */
  readonly crowded: boolean;
  /** For how long the slot that is idle longest has been so, milliseconds; 0 when none is. */
  idleMs(nowMs: number): number;
}

/**
 * Where fits run on a client that serves several scans. A place holds the fit of one scan at a time, and the reco process of one: before another
 * scan's fit begins there, the process that waits there is ended. So there are never more of either than slots.
 */
export interface Places {
  share(threads: number, createRunner: (slot: number) => Runner): Share;
}

interface Place {
  /** Whose fits run here. */
  user: PlacedRunner | undefined;
  /** Whose process is here. */
  warm: PlacedRunner | undefined;
  idleSinceMs: number;
}

interface PlacedRunner extends SlotRunner {
  readonly busy: boolean;
  readonly idleSinceMs: number | undefined;
  freed(): void;
  /** Ends its process; it can be used again. */
  cool(): Promise<void>;
}

const nowMs = (): number => performance.now();

/** `slots`: as many places, one for each slot of any scan. `auto`: a place is a core, and a slot takes as many as its reco has threads. */
export function createPlaces(slots: number | "auto", cores: number = availableParallelism()): Places {
  const places: Place[] = Array.from({ length: slots === "auto" ? cores : slots }, () => ({
    user: undefined,
    warm: undefined,
    idleSinceMs: nowMs(),
  }));
  /** One set for each share. */
  const shares = new Set<Set<PlacedRunner>>();

  function placed(share: Set<PlacedRunner>, mine: readonly Place[], create: () => Runner): PlacedRunner {
    let runner: Runner | undefined = create();
    const { inFlight } = runner;
    let busy = false;
    let moving: Promise<void> | undefined;
    const listeners = new Set<() => void>();

    async function moveIn(): Promise<void> {
      const others = new Set(mine.flatMap(({ warm }) => (warm === undefined || warm === self ? [] : [warm])));
      await Promise.allSettled([...others].map((other) => other.cool()));
      for (const place of mine) place.warm = self;
      moving = undefined;
    }

    // n.b. not async: where this scan's process is already, a fit is nothing but the runner's.
    const run = (unit: RunnerUnit, signal: AbortSignal): Promise<RunnerOutcome> =>
      runner !== undefined && mine.every(({ warm }) => warm === self) ? runner.run(unit, signal) : moveInAndRun(unit, signal);

    async function moveInAndRun(unit: RunnerUnit, signal: AbortSignal): Promise<RunnerOutcome> {
      await (moving ??= moveIn());
      if (signal.aborted) return { kind: "cancelled", runtimeSec: 0 };
      runner ??= create();
      return runner.run(unit, signal);
    }

    async function cool(): Promise<void> {
      const cooling = runner;
      runner = undefined;
      for (const place of mine) if (place.warm === self) place.warm = undefined;
      await cooling?.close();
    }

    const self: PlacedRunner = {
      inFlight,
      run,
      cool,
      enter() {
        busy = true;
        for (const place of mine) place.user = self;
      },
      leave() {
        busy = false;
        for (const place of mine) {
          place.user = undefined;
          place.idleSinceMs = nowMs();
        }
        // n.b. at the end of every fit: of its own scan nobody waits for this.
        for (const others of shares) if (others !== share) for (const other of others) other.freed();
      },
      async close() {
        share.delete(self);
        if (share.size === 0) shares.delete(share);
        await cool();
      },
      get taken() {
        return mine.some(({ user }) => user !== undefined && user !== self);
      },
      get busy() {
        return busy;
      },
      get idleSinceMs() {
        return mine.some(({ user }) => user !== undefined) ? undefined : Math.max(...mine.map(({ idleSinceMs }) => idleSinceMs));
      },
      onFree: (listener) => void listeners.add(listener),
      freed() {
        for (const listener of listeners) listener();
      },
    };
    share.add(self);
    return self;
  }

  return {
    share(threads, createRunner) {
      const each = slots === "auto" ? Math.min(threads, places.length) : 1;
      const count = Math.floor(places.length / each);
      const share = new Set<PlacedRunner>();
      shares.add(share);
      const runners = Array.from({ length: count }, (_, slot) =>
        placed(share, places.slice(slot * each, (slot + 1) * each), () => createRunner(slot)),
      );
      return {
        runners,
        get busy() {
          return runners.filter(({ busy }) => busy).length;
        },
        get crowded() {
          return runners.some(({ taken }) => taken === true) && runners.every(({ taken, busy }) => taken === true || busy);
        },
        idleMs: (now) => Math.max(0, ...runners.map(({ idleSinceMs }) => (idleSinceMs === undefined ? 0 : now - idleSinceMs))),
      };
    },
  };
}
