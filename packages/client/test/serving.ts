import { scanQueues } from "@skyscan/protocol";
import type { Outcome, StartupFile, WorkerStatus } from "@skyscan/protocol";
import { silentLogger } from "@skyscan/runtime";
import { expect } from "vitest";
import type { SessionEnd } from "../src/ending.ts";
import { startSession } from "../src/session.ts";
import type { SessionOptions } from "../src/session.ts";
import { controlBytes, outcomesOf, recoIdentity, scan, startupOf, statusesOf } from "./messages.ts";
import { createStandInBroker } from "./stand-in-broker.ts";
import type { StandInBroker } from "./stand-in-broker.ts";
import { createStandInRunners } from "./stand-in-runner.ts";
import type { StandInRunners } from "./stand-in-runner.ts";

/** A session over a stand-in broker and stand-in runners, with the server's side in the test's hands. It looks ahead by one unit for each slot. */
export interface Serving {
  readonly standIn: StandInBroker;
  readonly runners: StandInRunners;
  readonly stop: AbortController;
  readonly force: AbortController;
  readonly ended: AbortController;
  readonly end: Promise<SessionEnd>;
}

export const queues = scanQueues(scan);
export const host = "host-a";

export function serve(
  more: { slots?: number; inFlight?: number; startup?: StartupFile; maxHoldSec?: number } & Partial<SessionOptions> = {},
): Serving {
  const { slots = 1, inFlight = 1, startup = startupOf(), maxHoldSec, ...rest } = more;
  const standIn = createStandInBroker(queues.work);
  if (maxHoldSec !== undefined) standIn.maxHoldSec = maxHoldSec;
  const runners = createStandInRunners(inFlight);
  const stop = new AbortController();
  const force = new AbortController();
  const ended = new AbortController();
  const { end } = startSession({
    startup,
    openBroker: () => Promise.resolve(standIn.broker),
    resolve: () => Promise.reject(new Error("the stand-in does not resolve")),
    lostSec: 600,
    host,
    worker: `${host}-1`,
    reco: recoIdentity,
    runners: Array.from({ length: slots }, () => runners.make()),
    limits: { firstMessageSec: 3600, idleSec: 1800 },
    lookahead: {
      fitted: () => undefined,
      arrived: () => undefined,
      wanted: () => slots,
      keeps: 0,
      units: (deliveries) => slots * (inFlight - 1) + deliveries,
    },
    replyOutcomes: 1000,
    drainGraceSec: 5,
    logger: silentLogger,
    signal: stop.signal,
    force: force.signal,
    ended: ended.signal,
    ...rest,
  });
  return { standIn, runners, stop, force, ended, end };
}

/** What was replied so far. */
export const outcomes = ({ standIn }: Serving): readonly Outcome[] => outcomesOf(standIn.published(queues.replies));
/** Its beats so far. */
export const statuses = ({ standIn }: Serving): readonly WorkerStatus[] => statusesOf(standIn.unconfirmed(queues.workers));
/** How the deliveries ended, in that order. */
export const ways = ({ standIn }: Serving): readonly string[] => standIn.ended.map(({ how }) => how);

/** The consumer is open, and what the session does next in the same turn is done. */
export async function joined({ standIn }: Serving): Promise<void> {
  await standIn.until(() => standIn.prefetch > 0);
  await new Promise((resolve) => setImmediate(resolve));
}

/** So many deliveries have ended. */
export const endedCount = ({ standIn }: Serving, count: number): Promise<void> =>
  standIn.until(() => standIn.ended.length === count);

/** Ends the scan: the session must end well. */
export async function finish(serving: Serving): Promise<void> {
  serving.standIn.broadcast(controlBytes({ type: "end" }));
  expect(await serving.end).toMatchObject({ status: 0 });
}
