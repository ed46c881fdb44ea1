// A real scan in this process over the embedded broker, with the clients played by hand.
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openBroker } from "@skyscan/broker";
import type { Delivery } from "@skyscan/broker";
import { writeEventFile } from "@skyscan/icecube";
import { decodeControl, decodeWork, encode, protocolVersion, readStartupFile, scanQueues } from "@skyscan/protocol";
import type { ControlMessage, Outcome, ReplyMessage, StartupFile, WorkerStatus, WorkMessage, WorkUnit } from "@skyscan/protocol";
import { deferred, readSettings, silentLogger } from "@skyscan/runtime";
import type { Logger } from "@skyscan/runtime";
import { serverSettingTable } from "../src/env.ts";
import { findScans } from "../src/find-scans.ts";
import type { ScanEnd, ScanRequest } from "../src/request.ts";
import { runScan } from "../src/scan.ts";
import { replyBytes, resultFor, statusOf } from "./deliveries.ts";
import { smallEvent } from "./small-event.ts";

export interface LogLine {
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** Keeps every line; `said` resolves with the first line of that message. */
function listeningLogger(): Logger & { readonly lines: readonly LogLine[]; said(message: string): Promise<LogLine> } {
  const lines: LogLine[] = [];
  const waiting = new Set<() => void>();
  const log = (fields: object, message: string): void => {
    lines.push({ message, fields: { ...fields } });
    for (const look of [...waiting]) look();
  };
  const logger = {
    lines,
    debug: log,
    info: log,
    warn: log,
    error: log,
    child: () => logger,
    said: (message: string) =>
      new Promise<LogLine>((resolve) => {
        const look = (): void => {
          const line = lines.find((one) => one.message === message);
          if (line === undefined) return;
          waiting.delete(look);
          resolve(line);
        };
        waiting.add(look);
        look();
      }),
  };
  return logger;
}

export interface RunningScan {
  readonly end: Promise<ScanEnd>;
  readonly lines: readonly LogLine[];
  /** The startup file of this run, once clients may start. */
  readonly startup: Promise<StartupFile>;
  said(message: string): Promise<LogLine>;
  /** As the first signal does. */
  stop(): void;
}

/** One event's place: its files, and the servers and clients that a test starts. */
export interface ScanDesk {
  readonly directory: string;
  readonly startupPath: string;
  start(more?: Partial<ScanRequest>, environment?: Readonly<Record<string, string>>): RunningScan;
  /** `first` is what its hello says beside the usual. */
  client(startup: StartupFile, worker?: string, first?: Partial<WorkerStatus>): Promise<HandClient>;
  manifest(): Promise<Manifest>;
  /** Socket of the running server. */
  socket(): Promise<string>;
  close(): Promise<void>;
}

/** The parts of the manifest that tests look at. */
export interface Manifest {
  readonly state: string;
  readonly complete: boolean;
  readonly preliminary: boolean;
  readonly progress: { readonly tallies: Readonly<Record<string, unknown>> };
  readonly counters: Readonly<Record<string, number>>;
  readonly failures: {
    readonly "failed units": number;
    readonly "by code": Readonly<Record<string, number>>;
    readonly list: readonly {
      readonly unit: string;
      readonly code: string;
      readonly reason: string;
      readonly tries: readonly object[];
    }[];
  };
  readonly workers: { readonly alive: number; readonly list: readonly Readonly<Record<string, unknown>>[] };
}

/** A client whose every move is the test's. */
export interface HandClient {
  /** Work that was handed out and not answered yet, oldest first. */
  readonly held: readonly Work[];
  /** All that was ever handed out. */
  readonly seen: readonly WorkUnit[];
  readonly messages: readonly WorkMessage[];
  readonly control: readonly ControlMessage[];
  /** The next work, when it is there. */
  next(): Promise<Work>;
  /** The work of this unit, when it is there. */
  work(unit: string): Promise<Work>;
  until(test: () => boolean): Promise<void>;
  /** Resolves when the server has journalled it. Acks nothing. */
  reply(outcomes: readonly Outcome[], more?: Partial<ReplyMessage>): Promise<void>;
  /** Any bytes on the reply queue. */
  publish(body: Uint8Array): Promise<void>;
  /** Said at the start too, as hello, after a reconnect, and at END, as goodbye. */
  readonly beat: (more?: Partial<WorkerStatus>) => void;
  /** Replies a result with this llh to everything, until the connection closes; what `except` names is left to the test. */
  answerAll(llhOf?: (unit: WorkUnit) => number | null, except?: (work: Work) => boolean): void;
  close(): Promise<void>;
}

export interface Work extends WorkUnit {
  readonly delivery: Delivery;
  /** Replies this, and acks the delivery when the server has it. */
  answer(outcome: Outcome, more?: Partial<ReplyMessage>): Promise<void>;
}

export async function openDesk(): Promise<ScanDesk> {
  const directory = await mkdtemp(join(tmpdir(), "skyscan-server-"));
  const eventFile = join(directory, "event.json");
  await writeEventFile(eventFile, smallEvent);
  const startupPath = join(directory, "client-startup.json");
  const cacheDir = join(directory, "cache");
  const outputDir = join(directory, "out");
  const clients: HandClient[] = [];
  const scans: { stop(): void; readonly end: Promise<unknown> }[] = [];
  const readManifest = async (): Promise<Manifest> =>
    JSON.parse(await readFile(join(outputDir, "scan-manifest.json"), "utf8")) as Manifest;

  return {
    directory,
    startupPath,
    start(more = {}, environment = {}) {
      const logger = listeningLogger();
      const stop = new AbortController();
      const problems: string[] = [];
      const settings = readSettings(serverSettingTable, problems, environment);
      if (problems.length > 0) throw new Error(problems.join("\n"));
      const end = runScan(
        {
          eventFile,
          recoAlgo: "dummy",
          recoOptions: {},
          recoPath: [],
          clientStartupJson: startupPath,
          cacheDir,
          outputDir,
          gcdDir: join(directory, "gcd"),
          geometry: undefined,
          nsides: ["1:0"],
          predictiveScanningThreshold: 1,
          realEvent: undefined,
          resume: true,
          discard: false,
          maxAttempts: 3,
          seed: undefined,
          takeOver: false,
          listen: { host: "127.0.0.1", port: 0, tlsCertFile: undefined, tlsKeyFile: undefined, insecure: false },
          ...more,
        },
        { environment: settings, resolveBroker: () => Promise.resolve(undefined), tokenFile: null, logger, signal: stop.signal },
      );
      const startup = logger
        .said("clients may start")
        .then(async () => (await readStartupFile(more.clientStartupJson ?? startupPath))!);
      const scan = {
        end,
        startup,
        lines: logger.lines,
        said: (message: string) => logger.said(message),
        stop: () => stop.abort(),
      };
      scans.push(scan);
      return scan;
    },
    async client(startup, worker = "host-a-1", first = {}) {
      const client = await openHandClient(startup, worker, first);
      clients.push(client);
      return client;
    },
    manifest: readManifest,
    async socket() {
      const found = await findScans(cacheDir);
      return found.find((scan) => scan.socket !== undefined)!.socket!;
    },
    async close() {
      for (const client of clients) await client.close();
      for (const scan of scans) scan.stop();
      await Promise.allSettled(scans.map((scan) => scan.end));
      await rm(directory, { recursive: true, force: true });
    },
  };
}

async function openHandClient(startup: StartupFile, worker: string, first: Partial<WorkerStatus>): Promise<HandClient> {
  const { scan_id: scan } = startup;
  const token = (await readFile(startup.broker.tokenFile!, "utf8")).trim();
  const limits = { heartbeatSec: 60, lostSec: 30, goneSec: 5, rabbitmqConsumerTimeoutSec: 1800 };
  const broker = await openBroker(
    () => Promise.resolve({ client: "embedded", address: startup.broker.address, auth: token, ...limits }),
    {
      logger: silentLogger,
      purpose: "client",
    },
  );
  const queues = scanQueues(scan);
  const host = worker.replace(/-\d+$/, "");
  const messages: WorkMessage[] = [];
  const seen: WorkUnit[] = [];
  const control: ControlMessage[] = [];
  let held: Work[] = [];
  let automatic: ((work: Work) => boolean) | undefined;
  const watchers = new Set<() => void>();
  const changed = (): void => {
    for (const look of [...watchers]) look();
  };
  const found = <T>(look: () => T | undefined): Promise<T> => {
    const wanted = deferred<T>();
    const watcher = (): void => {
      const value = look();
      if (value === undefined) return;
      watchers.delete(watcher);
      wanted.resolve(value);
    };
    watchers.add(watcher);
    watcher();
    return wanted.promise;
  };

  const replies = await broker.publisher(queues.replies);
  const statuses = await broker.publisher(queues.workers);
  const listener = await broker.listener(queues.control);
  const consumer = await broker.consumer(queues.work, { prefetch: 2000 });

  function beat(more: Partial<WorkerStatus> = {}): void {
    const { name, version, manifestSha256 } = startup.reco;
    const versions = { protocol: protocolVersion, package: "0.1.0", reco: { name, version, manifestSha256 } };
    statuses.publishUnconfirmed(encode(statusOf(worker, { scan, versions, ...more })));
  }
  const drop = (work: Work): void => {
    held = held.filter((one) => one !== work);
  };
  function workOf(unit: WorkUnit, delivery: Delivery): Work {
    const work: Work = {
      ...unit,
      delivery: {
        ...delivery,
        body: delivery.body,
        ack() {
          drop(work);
          delivery.ack();
        },
        requeue() {
          drop(work);
          delivery.requeue();
        },
      },
      async answer(outcome, more = {}) {
        drop(work);
        await replies.publish(replyBytes([outcome], { scan, worker, host, ...more }));
        delivery.ack();
      },
    };
    return work;
  }
  async function work(): Promise<void> {
    for await (const delivery of consumer) {
      const message = decodeWork(delivery.body);
      messages.push(message);
      for (const unit of message.units) {
        seen.push(unit);
        const one = workOf(unit, delivery);
        if (automatic?.(one) !== true) held.push(one);
      }
      changed();
    }
  }
  async function listen(): Promise<void> {
    for await (const body of listener) {
      const message = decodeControl(body);
      control.push(message);
      if (message.type === "end") beat({ state: "goodbye" });
      changed();
    }
  }
  broker.onState((now) => {
    if (now.kind === "up" && now.reconnected) beat();
  });
  beat({ state: "hello", ...first });
  void work().catch(() => undefined);
  void listen().catch(() => undefined);

  return {
    get held() {
      return held;
    },
    seen,
    messages,
    control,
    next: () => found(() => held[0]),
    work: (unit) => found(() => held.find((one) => one.unit === unit)),
    until: (test) => found(() => (test() ? true : undefined)).then(() => undefined),
    reply: (outcomes, more = {}) => replies.publish(replyBytes(outcomes, { scan, worker, host, ...more })),
    publish: (body) => replies.publish(body),
    beat,
    answerAll(llhOf = (unit) => unit.payload.pixel, except = () => false) {
      automatic = (one) => {
        if (except(one)) return false;
        one.answer(resultFor(one.unit, llhOf(one), one.attempt)).catch(() => undefined);
        return true;
      };
      for (const one of [...held]) automatic(one);
    },
    close: () => broker.close(),
  };
}
