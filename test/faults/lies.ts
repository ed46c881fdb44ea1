import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { openBroker } from "@skyscan/broker";
import type { Broker, Publisher } from "@skyscan/broker";
import { decodeWork, encode, parseUnitId, protocolVersion, readStartupFile, scanQueues } from "@skyscan/protocol";
import type { FitResult, Outcome, ScanQueues } from "@skyscan/protocol";
import { silentLogger, within } from "@skyscan/runtime";
import { between, pick, whole } from "./chance.ts";
import type { Blow, Fault } from "./fault.ts";
import { journalPath } from "./progress.ts";
import type { Stage } from "./stage.ts";

/** A client that is connected and admitted, and says what it likes. */
interface Liar {
  readonly scan: string;
  readonly queues: ScanQueues;
  readonly broker: Broker;
  readonly replies: Publisher;
  /** Bytes of a reply of its own. */
  reply(outcomes: readonly Outcome[], change?: { readonly scan?: string; readonly run?: number }): Uint8Array;
  /** Offers bytes; what the broker refuses or loses is no concern of a liar. */
  send(body: Uint8Array): Promise<void>;
}

/** A llh that would win, were it believed. */
const absurd: FitResult = { llh: -1e9, eInGeV: 1, eTotGeV: 1, xM: 0, yM: 0, zM: 0, timeNs: 0 };
const patienceMs = 3000;

async function withLiar(stage: Stage, work: (liar: Liar) => Promise<void>): Promise<boolean> {
  const startup = await readStartupFile(join(stage.directory, "client-startup.json"));
  if (startup === undefined || startup.ended) return false;
  const { tokenFile } = startup.broker;
  const connection = {
    client: stage.broker?.client ?? "embedded",
    address: stage.broker?.address ?? `127.0.0.1:${stage.port}`,
    ...(tokenFile !== null && { auth: (await readFile(tokenFile, "utf8")).trim() }),
    lostSec: 30,
    goneSec: 1,
  };
  let broker: Broker;
  try {
    broker = await openBroker(() => Promise.resolve(connection), { logger: silentLogger, purpose: "client" });
  } catch {
    // The server or the broker is away: nobody to lie to.
    return false;
  }
  try {
    const queues = scanQueues(startup.mq_basename);
    const replies = await broker.publisher(queues.replies);
    const { scan_id: scan } = startup;
    await work({
      scan,
      queues,
      broker,
      replies,
      reply: (outcomes, change = {}) =>
        encode({ v: protocolVersion, scan, run: 1, worker: "liar", host: "liar", ...change, outcomes: [...outcomes] }),
      send: (body) =>
        within(
          patienceMs,
          replies.publish(body).catch(() => undefined),
          undefined,
        ),
    });
    return true;
  } catch (error) {
    stage.note(`the liar was cut off: ${String(error)}`);
    return true;
  } finally {
    await broker.close().catch(() => undefined);
  }
}

/** The true result of a unit, to the bit, from the undisturbed map. */
function truth(stage: Stage, unit: string): FitResult {
  const { nside, pixel } = parseUnitId(unit)!;
  const level = stage.reference.skymap.levels.find((one) => one.nside === nside)!;
  const row = level.columns.index.indexOf(pixel);
  const at = (column: ArrayLike<number> | undefined): number | null => {
    const value = column?.[row] ?? NaN;
    return Number.isNaN(value) ? null : value;
  };
  const { llh, E_in, E_tot, X, Y, Z, T } = level.columns;
  return { llh: at(llh), eInGeV: at(E_in), eTotGeV: at(E_tot), xM: at(X), yM: at(Y), zM: at(Z), timeNs: at(T) };
}

const result = (unit: string, values: FitResult): Outcome => ({
  kind: "result",
  unit,
  attempt: 1,
  runtimeSec: 0.1,
  result: values,
});

const failure = (unit: string, attempt: number, retry: boolean, stderrTail = ""): Outcome => ({
  ...({ kind: "failure", code: "crashed", message: "a lie", runtimeSec: 0 } as const),
  ...{ unit, attempt, retry, stderrTail },
});

/** Takes work for a while, as any client; `answer` gets each unit, and whether its delivery is acked is up to it. */
async function takeWork(liar: Liar, ms: number, answer: (unit: string) => Promise<"ack" | "keep">): Promise<void> {
  const consumer = await liar.broker.consumer(liar.queues.work, { prefetch: 3 });
  const timer = setTimeout(() => void consumer.close(), ms);
  try {
    for await (const delivery of consumer) {
      const { units } = decodeWork(delivery.body);
      for (const { unit } of units) if ((await answer(unit)) === "ack") delivery.ack();
    }
  } finally {
    clearTimeout(timer);
  }
}

/** True when the journal holds the unit's result: from then on nothing else may count. */
async function isJournalled(stage: Stage, unit: string): Promise<boolean> {
  const { nside, pixel, posvar } = parseUnitId(unit)!;
  const key = Buffer.alloc(15);
  key.writeUInt8(1, 0);
  key.writeUInt32LE(nside, 1);
  key.writeDoubleLE(pixel, 5);
  key.writeUInt16LE(posvar, 13);
  const path = await journalPath(stage.cacheDirectory);
  return path !== undefined && (await readFile(path)).includes(key);
}

/** Says of finished units what would win, or would make them NaN. A journal that is damaged in the same run may forget that they are finished. */
async function contradict(stage: Stage, liar: Liar, units: readonly string[]): Promise<void> {
  if (stage.plan.faults.some(({ name }) => name.endsWith("-journal"))) return;
  for (const unit of units) {
    if (!(await isJournalled(stage, unit))) continue;
    await liar.send(
      liar.reply([result(unit, absurd), failure(unit, 1, false), { kind: "declined", unit, attempt: 1, runtimeSec: 0 }]),
    );
  }
}

const lie = (
  name: string,
  what: string,
  weight: number,
  tell: (stage: Stage, liar: Liar, blow: Blow) => Promise<void>,
): Fault => ({
  name: `lie-${name}`,
  what,
  weight,
  async strike(stage, blow) {
    if (!(await stage.reached(blow.at * 0.8))) return false;
    stage.note(`a liar comes: ${name}`);
    const told = await withLiar(stage, (liar) => tell(stage, liar, blow));
    stage.note("the liar leaves");
    return told;
  },
});

export const lies: readonly Fault[] = [
  lie("duplicate", "a client answers every unit three times, then says otherwise", 2, async (stage, liar, { random }) => {
    const answered: string[] = [];
    await takeWork(liar, between(random, 500, 1500), async (unit) => {
      for (let times = 0; times < 3; times += 1) await liar.send(liar.reply([result(unit, truth(stage, unit))]));
      answered.push(unit);
      return "ack";
    });
    await contradict(stage, liar, answered);
  }),
  lie("late", "a client keeps units until others have answered them, then says otherwise", 2, async (stage, liar, { random }) => {
    const kept: string[] = [];
    await takeWork(liar, between(random, 300, 1000), (unit) => {
      kept.push(unit);
      return Promise.resolve("keep");
    });
    for (let looks = 0; looks < 20 && (await stage.lasts(100)); looks += 1) await contradict(stage, liar, kept.splice(0, 3));
  }),
  lie(
    "foreign",
    "a client answers for other scans, for units that nobody planned, for attempts that never were",
    2,
    async (stage, liar, { random }) => {
      const some = (): string => pick(random, stage.reference.units);
      for (let times = 0; times < 10; times += 1) {
        await liar.send(liar.reply([result(some(), absurd)], { scan: "another-scan" }));
        await liar.send(
          liar.reply([result("512/17/0", absurd), result("1/0/5", absurd), result("no unit", absurd), result("1/99/0", absurd)]),
        );
        await liar.send(
          liar.reply([failure(some(), 99, false), { kind: "holding", unit: some(), attempt: 7, runtimeSec: 0 }], { run: 1000 }),
        );
        await liar.send(liar.reply([{ kind: "declined", unit: some(), attempt: 1, runtimeSec: 0 }]));
        await pause(between(random, 0, 50));
      }
    },
  ),
  lie(
    "garbled",
    "a client sends rubbish, and replies with flipped bits, to the replies and to the life signs",
    2,
    async (stage, liar, { random }) => {
      const workers = await liar.broker.publisher(liar.queues.workers);
      const good = liar.reply([result(pick(random, stage.reference.units), absurd)], { scan: "another-scan" });
      for (let times = 0; times < 20; times += 1) {
        const rubbish = Uint8Array.from({ length: whole(random, 500) }, () => whole(random, 256));
        const cut = good.slice(0, whole(random, good.length));
        const deep = new Uint8Array(whole(random, 100_000)).fill(0x91);
        const body = pick(random, [rubbish, cut, deep, new Uint8Array()]);
        workers.publishUnconfirmed(body);
        await liar.send(body);
      }
    },
  ),
  lie("oversized", "a client sends messages of up to 8 MiB that say nothing", 1, async (stage, liar, { random }) => {
    const unit = pick(random, stage.reference.units);
    const tail = "x".repeat(60_000);
    for (let times = 0; times < 3; times += 1) {
      await liar.send(liar.reply(Array.from({ length: 100 }, (_, attempt) => failure(unit, attempt + 50, true, tail))));
      await liar.send(new Uint8Array(8 * 1024 * 1024 - 100).fill(0xc1));
      await liar.send(new Uint8Array(9 * 1024 * 1024));
    }
  }),
];
