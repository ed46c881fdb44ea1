import { connect, createServer } from "node:net";
import type { AddressInfo, Socket } from "node:net";

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
  /** Half-open: connections stay, but nothing passes either way, and new ones are accepted and left unanswered, until `mend`. */
  freeze(): void;
  /** Every byte passes so much later, milliseconds, in both directions. */
  delay(ms: number): void;
  /** Things are as they were at the start. Connections that were frozen go on. */
  mend(): void;
  close(): Promise<void>;
}

interface Pair {
  readonly near: Socket;
  readonly far: Socket;
}

export async function startTcpProxy(target: { readonly host?: string; readonly port: number }): Promise<TcpProxy> {
  const pairs = new Set<Pair>();
  let refusing = false;
  let frozen = false;
  let delayMs = 0;

  function forward(from: Socket, to: Socket): void {
    from.on("data", (chunk) => {
      const pass = (): void => {
        if (to.writable && !to.write(chunk)) {
          from.pause();
          to.once("drain", () => {
            if (!frozen) from.resume();
          });
        }
      };
      if (delayMs > 0) setTimeout(pass, delayMs);
      else pass();
    });
    from.on("end", () => {
      if (delayMs > 0) setTimeout(() => to.end(), delayMs);
      else to.end();
    });
  }

  const server = createServer({ allowHalfOpen: true }, (near) => {
    near.on("error", () => undefined);
    if (refusing) {
      near.destroy();
      return;
    }
    const far = connect({ host: target.host ?? "127.0.0.1", port: target.port, allowHalfOpen: true });
    const pair = { near, far };
    pairs.add(pair);
    near.setNoDelay(true);
    far.setNoDelay(true);
    far.on("error", () => near.destroy());
    const gone = (): void => {
      pairs.delete(pair);
      near.destroy();
      far.destroy();
    };
    near.on("close", gone);
    far.on("close", gone);
    forward(near, far);
    forward(far, near);
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
    mend() {
      refusing = false;
      frozen = false;
      delayMs = 0;
      for (const { near, far } of pairs) {
        near.resume();
        far.resume();
      }
    },
    async close() {
      breakConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
