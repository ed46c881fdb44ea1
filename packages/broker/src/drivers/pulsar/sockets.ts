import { WebSocket } from "ws";
import type { ClientOptions } from "ws";
import { deferred, within } from "@skyscan/runtime";
import { gatherWrites } from "../../gathered-writes.ts";
import { credentials } from "./admin.ts";
import { HttpFailure } from "./failures.ts";
import type { PulsarOptions } from "./options.ts";
import type { Closable } from "./transport.ts";

export interface SocketEvents {
  readonly message: (text: string) => void;
  /** The other end closed it, with a WebSocket close code. */
  readonly closed: (code: number, reason: string) => void;
}

export interface Socket extends Closable {
  send(text: string): void;
}

/** The sockets of one session: they are lost together, since one that broke without a word means that the way to the broker did. */
export interface Sockets {
  readonly lost: Promise<Error>;
  giveUp(reason: Error): void;
  /** Rejects with `HttpFailure` when the upgrade is refused. */
  open(path: string, query: Readonly<Record<string, string>>, events: SocketEvents): Promise<Socket>;
  close(): Promise<void>;
}

const openMs = 10_000;
const closeMs = 2000;
/** Of what the broker sends; more than any message with its frame. */
const largestFrame = 64 * 1024 * 1024;
/** The close code that stands for no close frame at all. */
const broken = 1006;

export function createSockets(options: PulsarOptions): Sockets {
  const { web, tenant, namespace, tls, pingSec } = options;
  const base = `${web.replace(/^http/, "ws")}/ws/v2`;
  const lost = deferred<Error>();
  /** With the pings since the last sign of life. */
  const open = new Map<WebSocket, number>();
  let ended = false;

  function giveUp(reason: Error): void {
    if (ended) return;
    ended = true;
    clearInterval(pinging);
    lost.resolve(reason);
    for (const socket of open.keys()) socket.terminate();
    open.clear();
  }

  const pinging = setInterval(() => {
    for (const [socket, unanswered] of open) {
      if (unanswered >= 2) {
        giveUp(new Error("Pulsar did not answer pings"));
        return;
      }
      open.set(socket, unanswered + 1);
      socket.ping();
    }
  }, 1000 * pingSec);
  pinging.unref();

  async function closeSocket(socket: WebSocket): Promise<void> {
    if (!open.delete(socket)) return;
    const closed = new Promise<void>((resolve) => socket.once("close", () => resolve()));
    socket.close();
    await within(closeMs, closed, undefined);
    socket.terminate();
  }

  return {
    lost: lost.promise,
    giveUp,
    async open(path, query, events) {
      const url = `${base}/${path.replace("TOPIC", `persistent/${tenant}/${namespace}`)}?${new URLSearchParams(query).toString()}`;
      const settings: ClientOptions = {
        ...tls,
        headers: credentials(options),
        handshakeTimeout: openMs,
        maxPayload: largestFrame,
        perMessageDeflate: false,
      };
      const socket = new WebSocket(url, settings);
      const opened = deferred();
      const alive = (): void => {
        if (open.has(socket)) open.set(socket, 0);
      };
      socket.on("upgrade", (response) => gatherWrites(response.socket));
      socket.on("pong", alive);
      socket.on("message", (data) => {
        if (!open.has(socket)) return;
        alive();
        // Text frames come as one Buffer.
        events.message((data as Buffer).toString());
      });
      socket.on("unexpected-response", (_request, response) => {
        response.resume();
        opened.reject(new HttpFailure(response.statusCode ?? 0, response.statusMessage ?? ""));
        socket.terminate();
      });
      socket.on("error", (error) => opened.reject(error));
      socket.on("open", () => opened.resolve());
      socket.on("close", (code, reason) => {
        opened.reject(new Error(`closed with ${code} ${reason.toString()}`));
        if (!open.delete(socket)) return;
        if (code === broken) giveUp(new Error("the connection broke"));
        else events.closed(code, reason.toString());
      });
      await opened.promise;
      if (ended) {
        socket.terminate();
        throw new Error("the connection was closed meanwhile");
      }
      open.set(socket, 0);
      return {
        send(text) {
          if (open.has(socket)) socket.send(text);
        },
        close: () => closeSocket(socket),
      };
    },
    async close() {
      if (ended) return;
      ended = true;
      clearInterval(pinging);
      await Promise.all([...open.keys()].map(closeSocket));
      lost.resolve(new Error("the connection was closed"));
    },
  };
}
