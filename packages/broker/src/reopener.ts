import { createBackoff, deferred, pause } from "@skyscan/runtime";
import { BrokerError } from "./errors.ts";
import type { Session, Supervisor } from "./supervisor.ts";

/** Keeps one passively opened thing (a publisher's, consumer's or listener's channel) open over reconnects and channel losses. */
export interface Reopener {
  /** Resolves when it was open for the first time; rejects when it never was. */
  readonly ready: Promise<void>;
  /** It broke (or its queue vanished) although the session is up: open it again. */
  reopen(): void;
  close(): void;
}

export interface ReopenerOptions<S extends Session> {
  readonly supervisor: Supervisor<S>;
  /**
   * Opens it on this session. Rejections: BrokerError `queue-gone` is tried again until the grace time is over;
   * `refused-right`, `mismatch` and `unsupported` are final; everything else is tried again.
   */
  readonly open: (session: S) => Promise<void>;
  /** The session is gone, and with it what was open. */
  readonly detached: () => void;
  readonly failed: (error: BrokerError) => void;
}

const final: readonly string[] = ["refused-right", "mismatch", "unsupported"];
const steadyMs = 10_000;

export function createReopener<S extends Session>(options: ReopenerOptions<S>): Reopener {
  const { supervisor } = options;
  const ready = deferred();
  ready.promise.catch(() => undefined);
  const stop = new AbortController();
  const backoff = createBackoff({ firstMs: 50, maxMs: 2000 });
  let missingSinceMs: number | undefined;
  let openedMs = Number.NEGATIVE_INFINITY;
  let wanted = false;
  let running = false;

  const giveUp = (error: BrokerError): void => {
    if (stop.signal.aborted) return;
    stop.abort();
    takeOff();
    ready.reject(error);
    options.failed(error);
  };

  async function attempt(session: S): Promise<void> {
    try {
      await options.open(session);
      missingSinceMs = undefined;
      openedMs = performance.now();
      ready.resolve();
    } catch (error) {
      if (stop.signal.aborted || supervisor.session !== session) return;
      wanted = true;
      if (error instanceof BrokerError && final.includes(error.code)) {
        giveUp(error);
        return;
      }
      if (!(error instanceof BrokerError && error.code === "queue-gone")) {
        await pause(backoff.next(), stop.signal);
        return;
      }
      const nowMs = performance.now();
      missingSinceMs ??= nowMs;
      const leftMs = missingSinceMs + supervisor.goneSec * 1000 - nowMs;
      if (leftMs <= 0) giveUp(error);
      // A timer may fire up to a millisecond early.
      else await pause(Math.min(1000, Math.ceil(leftMs) + 1), stop.signal);
    }
  }

  async function run(): Promise<void> {
    if (running) return;
    running = true;
    while (wanted && supervisor.session !== undefined && !stop.signal.aborted) {
      wanted = false;
      await attempt(supervisor.session);
    }
    running = false;
  }

  const takeOff = supervisor.add({
    attach() {
      wanted = true;
      void run();
    },
    detach() {
      missingSinceMs = undefined;
      options.detached();
    },
    fail: (error) => void setImmediate(giveUp, error),
  });

  return {
    ready: ready.promise,
    reopen() {
      if (performance.now() - openedMs > steadyMs) backoff.reset();
      void pause(backoff.next(), stop.signal).then(() => {
        wanted = true;
        return run();
      });
    },
    close() {
      if (stop.signal.aborted) return;
      stop.abort();
      takeOff();
      ready.reject(new BrokerError("closed", "It was closed before it was open."));
    },
  };
}
