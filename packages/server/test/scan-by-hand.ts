// A real scan in this process over the embedded broker or RabbitMQ, with the clients played by hand.
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { writeEventFile } from "@skyscan/icecube";
import { readStartupFile } from "@skyscan/protocol";
import type { StartupFile, WorkerStatus } from "@skyscan/protocol";
import { readSettings } from "@skyscan/runtime";
import { serverSettingTable } from "../src/request/env.ts";
import { findScans } from "../src/cache/find-scans.ts";
import type { ScanEnd, ScanRequest } from "../src/request/request.ts";
import { runScan } from "../src/scan.ts";
import { dummyRequest } from "./dummy-request.ts";
import { openHandClient, rabbitmqAt } from "./hand-client.ts";
import type { HandClient } from "./hand-client.ts";
import { listeningLogger } from "./listening-logger.ts";
import type { LogLine } from "./listening-logger.ts";
import { smallEvent } from "./small-event.ts";

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

/** `rabbitmq`: that broker's address, with name and password. Absent: the embedded one. */
export async function openDesk(rabbitmq?: string): Promise<ScanDesk> {
  const configured = rabbitmq === undefined ? undefined : rabbitmqAt(rabbitmq);
  const directory = await mkdtemp(join(tmpdir(), "skyscan-server-"));
  const eventFile = join(directory, "event.json");
  await writeEventFile(eventFile, smallEvent);
  const request = dummyRequest(directory, eventFile);
  const { clientStartupJson: startupPath, cacheDir, outputDir } = request;
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
        { ...request, ...more },
        { environment: settings, resolveBroker: () => Promise.resolve(configured), tokenFile: null, logger, signal: stop.signal },
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
      const client = await openHandClient(startup, worker, first, configured);
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
