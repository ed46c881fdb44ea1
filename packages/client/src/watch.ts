import type { Broker, BrokerState } from "@skyscan/broker";
import type { Consuming } from "./consuming.ts";
import { createIdleWatch } from "./idle.ts";
import type { IdleExpired, IdleLimits } from "./idle.ts";
import type { Lookahead } from "./lookahead.ts";
import type { Work } from "./work.ts";

export interface WatchOptions {
  readonly broker: Broker;
  readonly work: Work;
  readonly consuming: Consuming;
  readonly lookahead: Lookahead;
  readonly limits: IdleLimits;
  readonly brokerState: () => BrokerState["kind"];
  /** Asks the server whether it lives. */
  readonly serverAnswers: (ms: number) => Promise<boolean>;
  /** Nothing came for a whole limit. */
  readonly onIdle: (why: string) => void;
}

/** What is looked at again and again. */
export interface Watch {
  /** Work came. */
  readonly touch: () => void;
  readonly stop: () => void;
}

const tickMs = 250;
const serverAnswerMs = 5000;

/** Four times a second: what is held for too long, how far to look ahead, and whether there is anything to do at all. */
export function startWatch(options: WatchOptions): Watch {
  const { broker, work, consuming, lookahead } = options;
  const idle = createIdleWatch(options.limits, performance.now());
  let concluding = false;

  async function conclude(limit: IdleExpired): Promise<void> {
    concluding = true;
    const alive = options.brokerState() === "up" && (await options.serverAnswers(serverAnswerMs));
    concluding = false;
    if (idle.expired(performance.now()) !== undefined && !work.busy) {
      options.onIdle(idleSentence(limit, options.brokerState(), alive));
    }
  }

  function look(): void {
    consuming.lookAhead(lookahead.wanted(work.oldestNotBegunSec()));
    if (broker.maxHoldSec !== null) work.relieve(broker.maxHoldSec / 2);
    if (work.busy) idle.touch(performance.now());
    const limit = idle.expired(performance.now());
    if (limit !== undefined && !concluding) void conclude(limit);
  }
  const timer = setInterval(look, tickMs);
  look();

  return {
    touch: () => idle.touch(performance.now()),
    stop: () => clearInterval(timer),
  };
}

function idleSentence(limit: IdleExpired, broker: BrokerState["kind"], serverAnswered: boolean): string {
  const what = limit.first ? "no work came at all" : "no more work came";
  const brokerWord = broker === "up" ? "connected" : broker === "blocked" ? "connected, but takes nothing" : "not reachable";
  const server = serverAnswered ? "answered, so it is alive but had nothing for this client" : "did not answer";
  return `${what} for ${limit.limitSec} s; the broker is ${brokerWord}, the server ${server}`;
}
