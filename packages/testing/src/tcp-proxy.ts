import { connect, createServer } from "node:net";
import type { AddressInfo, Socket } from "node:net";
import { setTimeout as pause } from "node:timers/promises";

/** A network between two processes that a test can break. */
export interface TcpProxy {
  readonly host: string;
  readonly port: number;
  /** How many connections go through it now. */
  readonly connections: number;
  /** Breaks every connection, and refuses new ones until `mend`. */
  cut(): void;
  /** Breaks every connection once; new ones are taken. */
  breakConnections(): void;
  /**
   * Half-open: connections stay, but nothing passes either way, also not that one end went, and new ones are accepted and left unanswered,
   * until `mend`.
   */
  freeze(): void;
  /** Every byte passes so much later, milliseconds, in both directions. */
  delay(ms: number): void;
  /** No more than so many bytes a second pass on each connection and direction. */
  throttle(bytesPerSec: number): void;
  /** Things are as they were at the start. Connections that were frozen go on. */
  mend(): void;
  close(): Promise<void>;
}

interface Pair {
  readonly near: Socket;
  readonly far: Socket;
  /** Things may pass again. */
  readonly wake: () => void;
}

interface Waiting {
  readonly bytes: Buffer;
  /** When it came, as `performance.now()`. */
  readonly cameMs: number;
}

/** A throttled direction sends so many slices a second. */
const slicesPerSec = 10;

export async function startTcpProxy(target: { readonly host?: string; readonly port: number }): Promise<TcpProxy> {
  const pairs = new Set<Pair>();
  let refusing = false;
  let frozen = false;
  let delayMs = 0;
  let bytesPerSec = Number.POSITIVE_INFINITY;
  let changed = new AbortController();
  const free = (): boolean => !frozen && delayMs === 0 && bytesPerSec === Number.POSITIVE_INFINITY;
  /** Waits so long, or until things change. */
  const untilChanged = (ms: number): Promise<void> => pause(ms, undefined, { signal: changed.signal }).catch(() => undefined);

  /** Passes on what comes, in its order; returns what makes it look again whether it may. */
  function forward(from: Socket, to: Socket): () => void {
    const queue: Waiting[] = [];
    let passing = false;
    let ended = false;

    function write(bytes: Buffer): void {
      if (!to.writable || to.write(bytes)) return;
      from.pause();
      to.once("drain", () => {
        if (!frozen) from.resume();
      });
    }

    async function pass(): Promise<void> {
      if (passing) return;
      passing = true;
      for (let first = queue[0]; first !== undefined && !frozen; first = queue[0]) {
        const waitMs = first.cameMs + delayMs - performance.now();
        if (waitMs > 0) {
          await untilChanged(waitMs);
          continue;
        }
        const slice = Math.max(1, Math.min(first.bytes.length, Math.ceil(bytesPerSec / slicesPerSec)));
        write(first.bytes.subarray(0, slice));
        if (slice === first.bytes.length) queue.shift();
        else queue[0] = { ...first, bytes: first.bytes.subarray(slice) };
        if (bytesPerSec < Number.POSITIVE_INFINITY) await untilChanged((1000 * slice) / bytesPerSec);
      }
      passing = false;
      if (ended && queue.length === 0) to.end();
    }

    from.on("data", (bytes: Buffer) => {
      if (queue.length === 0 && free()) {
        write(bytes);
        return;
      }
      queue.push({ bytes, cameMs: performance.now() });
      void pass();
    });
    from.on("end", () => {
      ended = true;
      void pass();
    });
    return () => void pass();
  }

  const server = createServer({ allowHalfOpen: true }, (near) => {
    near.on("error", () => undefined);
    if (refusing) {
      near.destroy();
      return;
    }
    const far = connect({ host: target.host ?? "127.0.0.1", port: target.port, allowHalfOpen: true });
    near.setNoDelay(true);
    far.setNoDelay(true);
    const wakes = [forward(near, far), forward(far, near)];
    const pair: Pair = {
      near,
      far,
      wake() {
        // One end went while nothing passed: now the other one hears of it.
        if (near.destroyed || far.destroyed) gone();
        else for (const wake of wakes) wake();
      },
    };
    pairs.add(pair);
    function gone(): void {
      if (frozen) return;
      pairs.delete(pair);
      near.destroy();
      far.destroy();
    }
    far.on("error", () => {
      if (!frozen) near.destroy();
    });
    near.on("close", gone);
    far.on("close", gone);
    if (frozen) {
      near.pause();
      far.pause();
    }
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });

  const breakConnections = (): void => {
    for (const { near, far } of [...pairs]) {
      near.resetAndDestroy();
      far.resetAndDestroy();
    }
  };

  return {
    host: "127.0.0.1",
    port: (server.address() as AddressInfo).port,
    get connections() {
      return pairs.size;
    },
    cut() {
      refusing = true;
      breakConnections();
    },
    breakConnections,
    freeze() {
      frozen = true;
      for (const { near, far } of pairs) {
        near.pause();
        far.pause();
      }
    },
    delay(ms) {
      delayMs = ms;
    },
    throttle(most) {
      bytesPerSec = most;
    },
    mend() {
      refusing = false;
      frozen = false;
      delayMs = 0;
      bytesPerSec = Number.POSITIVE_INFINITY;
      changed.abort();
      changed = new AbortController();
      for (const { near, far, wake } of [...pairs]) {
        near.resume();
        far.resume();
        wake();
      }
    },
    async close() {
      frozen = false;
      breakConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
