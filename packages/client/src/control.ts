import { randomBytes } from "node:crypto";
import type { Listener } from "@skyscan/broker";
import { ProtocolError, decodeControl, encode, foreignSender, packageVersion, protocolVersion } from "@skyscan/protocol";
import type { ControlMessage } from "@skyscan/protocol";
import { deferred, within } from "@skyscan/runtime";
import type { Deferred, Logger } from "@skyscan/runtime";

export interface ControlOptions {
  readonly listener: Listener;
  readonly scan: string;
  readonly worker: string;
  /** Publishes on the `workers` queue, unconfirmed. */
  readonly askStatus: (body: Uint8Array) => void;
  readonly onEnd: () => void;
  /** These units are final since that run of the server. */
  readonly onFinal: (units: readonly string[], run: number) => void;
  /** This worker is to end these fits; others go on with them. */
  readonly onRecall: (units: readonly string[]) => void;
  readonly onLeave: (why: string) => void;
  /** The server speaks another version of the protocol: nothing of it can be understood. */
  readonly onForeign: (why: string) => void;
  readonly onWhoHolds: () => void;
  readonly logger: Logger;
}

/** The server's voice. */
export interface Control {
  /** Listens until the listener ends. @throws BrokerError as the listener does. */
  readonly run: () => Promise<void>;
  /** Asks the server for its status; true when it says anything within `ms`. */
  readonly serverAnswers: (ms: number) => Promise<boolean>;
}

/** Messages of other scans, for other workers, and what cannot be read, are passed over. */
export function createControl(options: ControlOptions): Control {
  let heard: Deferred<void> | undefined;

  function read(body: Uint8Array): ControlMessage | undefined {
    try {
      const message = decodeControl(body);
      return message.scan === options.scan ? message : undefined;
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      const theirs = error.code === "foreign-version" ? foreignSender(body)?.v : undefined;
      if (theirs !== undefined) {
        options.onForeign(
          `the server speaks protocol ${theirs}, this client (skyscan ${packageVersion}) ${protocolVersion}: use the same version`,
        );
        return undefined;
      }
      options.logger.warn({ reason: error.message }, "Passed over a control message that cannot be read");
      return undefined;
    }
  }

  function obey(message: ControlMessage): void {
    switch (message.type) {
      case "end":
        return options.onEnd();
      case "cancel":
        if (message.worker === undefined) options.onFinal(message.units, message.run);
        else if (message.worker === options.worker) options.onRecall(message.units);
        return;
      case "leave":
        return message.worker === options.worker ? options.onLeave(message.why) : undefined;
      case "who-holds":
        return options.onWhoHolds();
      case "status":
        return;
    }
  }

  return {
    async run() {
      for await (const body of options.listener) {
        const message = read(body);
        if (message === undefined) continue;
        heard?.resolve();
        obey(message);
      }
    },
    async serverAnswers(ms) {
      heard = deferred();
      const id = randomBytes(8).toString("hex");
      options.askStatus(encode({ v: protocolVersion, type: "status-request", scan: options.scan, id }));
      return within(
        ms,
        heard.promise.then(() => true),
        false,
      );
    },
  };
}
