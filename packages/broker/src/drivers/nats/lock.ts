import { randomUUID } from "node:crypto";
import { headers } from "@nats-io/transport-node";
import type { Subscription } from "@nats-io/transport-node";
import type { PubAck } from "@nats-io/jetstream";
import { DiscardPolicy, JetStreamApiCodes, StorageType } from "@nats-io/jetstream";
import { deferred, pause } from "@skyscan/runtime";
import type { Logger } from "@skyscan/runtime";
import type { Lock } from "../../broker.ts";
import { BrokerError } from "../../errors.ts";
import type { Supervisor } from "../../supervisor.ts";
import { apiCode, isNobody, requestFailure, wrongLastSequence } from "./failures.ts";
import { everyLock, holderSubject, lockStream, lockSubject } from "./names.ts";
import type { NatsSession } from "./session.ts";

/** The broker needs a moment to see that a killed holder's connection is gone. */
const firstPatienceMs = 3000;
/** A holder whose broker was started again has so long to come back to it: its waits between attempts are at most 5 s. */
const restartPatienceMs = 8000;
const againMs = 250;
const askMs = 2000;

/** The message that stands for a lock that is held. */
interface LockRecord {
  readonly holder: string;
  /** Changes when the server is started again: then holders that live are not connected for a moment. */
  readonly serverId: string;
}

interface Found extends LockRecord {
  readonly sequence: number;
}

async function find({ manager }: NatsSession, subject: string): Promise<Found | undefined> {
  try {
    const message = await manager.streams.getMessage(lockStream, { last_by_subj: subject });
    return message === null ? undefined : { ...message.json<LockRecord>(), sequence: message.seq };
  } catch (error) {
    if (apiCode(error) === JetStreamApiCodes.NoMessageFound) return undefined;
    throw error;
  }
}

/** Takes the place of the record with this sequence (0: of none). Undefined: another one was there first. */
async function replace(
  { connection }: NatsSession,
  subject: string,
  before: number,
  record: LockRecord,
): Promise<number | undefined> {
  const expected = headers();
  expected.set("Nats-Expected-Last-Subject-Sequence", String(before));
  const answer = await connection.request(subject, JSON.stringify(record), { headers: expected, timeout: askMs });
  const { error, seq } = answer.json<PubAck & { readonly error?: { readonly err_code: number; readonly description: string } }>();
  if (error === undefined) return seq;
  if (error.err_code === wrongLastSequence) return undefined;
  throw new Error(error.description);
}

/** False when nobody listens there; who does not answer in time is counted as living. */
async function isAlive({ connection }: NatsSession, { holder }: LockRecord): Promise<boolean> {
  try {
    await connection.request(holderSubject(holder), "", { timeout: askMs });
    return true;
  } catch (error) {
    return !isNobody(error);
  }
}

async function makeLockStream({ manager }: NatsSession, replicas: number): Promise<void> {
  try {
    await manager.streams.info(lockStream);
  } catch (error) {
    if (apiCode(error) !== JetStreamApiCodes.StreamNotFound) throw error;
    await manager.streams.add({
      name: lockStream,
      subjects: [everyLock],
      storage: StorageType.File,
      discard: DiscardPolicy.Old,
      max_msgs_per_subject: 1,
      num_replicas: replicas,
    });
  }
}

/**
 * A message in a stream that names its holder, replaced only by who has seen the one before (compare and set on its sequence, which is used once), and a
 * subscription on which the holder answers: it goes with the holder's connection. Who finds a record whose holder nobody answers for takes its place.
 * It is looked at on every reconnect; when somebody else has it by then, the whole handle fails.
 */
export async function takeLock(
  supervisor: Supervisor<NatsSession>,
  name: string,
  replicas: () => number,
  logger: Logger,
): Promise<Lock> {
  const holder = randomUUID();
  const subject = lockSubject(name);
  const taken = deferred();
  taken.promise.catch(() => undefined);
  const stop = new AbortController();
  let first = true;
  let sequence: number | undefined;
  let answering: Subscription | undefined;

  /** `waiting`: its holder may come back, or another one was faster; `held`: it answers. */
  async function attempt(session: NatsSession, startMs: number): Promise<"taken" | "waiting" | "held"> {
    await makeLockStream(session, replicas());
    const found = await find(session, subject);
    if (found !== undefined && found.holder !== holder) {
      if (await isAlive(session, found)) return "held";
      const restarted = found.serverId !== session.info.server_id;
      if (restarted && performance.now() - startMs < restartPatienceMs) return "waiting";
    }
    const record = { holder, serverId: session.info.server_id };
    sequence = await replace(session, subject, found?.sequence ?? 0, record);
    return sequence === undefined ? "waiting" : "taken";
  }

  async function take(session: NatsSession): Promise<void> {
    answering = session.connection.subscribe(holderSubject(holder), {
      callback(error, message) {
        if (error === null) message.respond();
      },
    });
    const startMs = performance.now();
    let notHeldMs = startMs;
    let trouble: unknown;
    while (!stop.signal.aborted && supervisor.session === session) {
      try {
        const outcome = await attempt(session, startMs);
        if (outcome === "taken") {
          first = false;
          taken.resolve();
          return;
        }
        trouble = undefined;
        if (outcome === "waiting") notHeldMs = performance.now();
      } catch (error) {
        if (supervisor.session !== session) return;
        const failure = requestFailure(error, `the lock ${name}`);
        if (failure instanceof BrokerError && failure.code !== "queue-gone") {
          giveUp(failure);
          return;
        }
        trouble = failure;
        logger.debug({ lock: name, error }, "The lock could not be asked for");
      }
      if (performance.now() - notHeldMs > firstPatienceMs) {
        giveUp(
          trouble === undefined
            ? new BrokerError("locked", `The lock ${name} is held by another connection to NATS.`)
            : new BrokerError("lost", `NATS does not answer for the lock ${name}.`, { cause: trouble }),
        );
        return;
      }
      await pause(againMs, stop.signal);
    }
  }

  function giveUp(error: BrokerError): void {
    if (first) taken.reject(error);
    else supervisor.fail(error);
  }

  const takeOff = supervisor.add({
    attach: (session) => void take(session),
    detach: () => undefined,
    fail: (error) => taken.reject(error),
  });
  try {
    await taken.promise;
  } catch (error) {
    takeOff();
    stop.abort();
    answering?.unsubscribe();
    throw error;
  }
  return {
    async release() {
      const { session } = supervisor;
      takeOff();
      // Only this record: should another one have taken its place, that stays. Answering until it is gone keeps others from taking its place meanwhile.
      if (session !== undefined && sequence !== undefined)
        await session.manager.streams.deleteMessage(lockStream, sequence, false).catch(() => undefined);
      stop.abort();
      answering?.unsubscribe();
    },
  };
}
