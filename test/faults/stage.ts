import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { createProcessFamily, lastingPort, startTcpProxy } from "@skyscan/testing";
import type { ProcessFamily, TcpProxy } from "@skyscan/testing";
import { scanning } from "../e2e/scanning.ts";
import type { Scanning } from "../e2e/scanning.ts";
import type { KeptBroker } from "./kept-broker.ts";
import { journalBytes } from "./progress.ts";
import type { Reference } from "./reference.ts";
import { startRole } from "./role.ts";
import type { Role } from "./role.ts";
import type { RunPlan } from "./run-plan.ts";
import { fitLimitSec, heartbeatSec, nsides, recoName, recoPath } from "./small-scan.ts";

/** One scan on its stage: processes, network, broker, disks, and what faults may do to them. */
export interface Stage {
  readonly plan: RunPlan;
  readonly directory: string;
  readonly cacheDirectory: string;
  readonly outputDirectory: string;
  readonly reference: Reference;
  /** Undefined: the broker is in the server. */
  readonly broker: KeptBroker | undefined;
  readonly server: Role;
  readonly clients: readonly Role[];
  /** The server's way to the broker; undefined when that is in the server. */
  readonly serverNetwork: TcpProxy | undefined;
  /** Each client's way to the broker. */
  readonly clientNetworks: readonly TcpProxy[];
  readonly family: ProcessFamily;
  readonly problems: readonly string[];
  /** Aborted when the server has ended with 0. */
  readonly over: AbortSignal;
  /** The commands of this scan, as the server's operator or (with a number) a client's types them. */
  commands(client?: number): Scanning;
  /** Resolves true when this part of the undisturbed scan's journal is written, false when the scan is over before. */
  reached(part: number): Promise<boolean>;
  /** Waits; true, or at once false when the scan is over. */
  lasts(ms: number): Promise<boolean>;
  note(text: string): void;
  problem(text: string): void;
  /** Environment that a fault adds for the server's or the clients' next starts. */
  readonly serverEnv: Record<string, string>;
  readonly clientEnv: Record<string, string>;
  /** Flags that a fault adds. */
  readonly clientFlags: string[];
  /** Directories that are file systems of their own. */
  readonly disks: Set<string>;
  /** What recos do wrong: see reco/faulty.mjs. */
  readonly recoTroubles: { readonly units: Record<string, string>; readonly start: string[] };
  /** The server's flags beside those of every scan. */
  readonly serverFlags: readonly string[];
  /** Where the broker really is, beside every network that is broken. */
  readonly port: number;
  /** Called last, in reverse order, after all processes have ended. */
  cleanUp(work: () => Promise<void>): void;
  /** Starts server and clients. */
  open(): void;
  /** Ends what still runs, closes everything, keeps the logs. */
  close(): Promise<void>;
}

export interface StageOptions {
  readonly plan: RunPlan;
  readonly directory: string;
  readonly reference: Reference;
  readonly broker: KeptBroker | undefined;
}

const pollMs = 15;
const sampleMs = 400;

export async function setStage(options: StageOptions): Promise<Stage> {
  const { plan, directory, reference, broker } = options;
  const logs = join(directory, "logs");
  const temporary = join(directory, "tmp");
  await Promise.all([logs, temporary].map((path) => mkdir(path, { recursive: true })));
  const port = broker?.port ?? (await lastingPort());
  const serverNetwork = broker === undefined ? undefined : await startTcpProxy({ port });
  const clientNetworks = await Promise.all(Array.from({ length: plan.clients }, () => startTcpProxy({ port })));
  const family = createProcessFamily();
  const over = new AbortController();
  const startMs = performance.now();
  const story: string[] = [];
  const problems: string[] = [];
  const cleaning: (() => Promise<void>)[] = [];
  const writing: Promise<void>[] = [];
  const serverEnv: Record<string, string> = {};
  const clientEnv: Record<string, string> = {};
  const clientFlags: string[] = [];
  let server: Role;
  let clients: Role[] = [];

  const note = (text: string): void => void story.push(`${((performance.now() - startMs) / 1000).toFixed(3)} ${text}`);
  const problem = (text: string): void => {
    note(`PROBLEM ${text}`);
    problems.push(text);
  };

  const brokerEnv = (proxy: TcpProxy): Readonly<Record<string, string>> =>
    broker === undefined
      ? { SKYSCAN_BROKER_CLIENT: "embedded", SKYSCAN_BROKER_ADDRESS: `127.0.0.1:${proxy.port}` }
      : broker.env({ port: proxy.port, heartbeatSec });

  function commands(client?: number): Scanning {
    const own =
      client === undefined
        ? { ...(serverNetwork === undefined ? {} : brokerEnv(serverNetwork)), ...serverEnv }
        : { ...brokerEnv(clientNetworks[client]!), SKYSCAN_HOST: `host${client}`, ...clientEnv };
    return scanning(directory, {
      reco: recoName,
      nsides,
      event: reference.event,
      eventName: reference.eventName,
      env: {
        TMPDIR: temporary,
        SKYSCAN_RECO_PATH: recoPath,
        SKYSCAN_RESULT_EXTRAS: String(plan.extras),
        SKYSCAN_WINDOW_MIN: String(plan.window),
        SKYSCAN_PROGRESS_INTERVAL_SEC: "0.3",
        SKYSCAN_RESULT_INTERVAL_SEC: "0.5",
        EWMS_PILOT_TASK_TIMEOUT: String(fitLimitSec),
        ...own,
      },
    });
  }

  const serverFlags = broker === undefined ? ["--listen", `127.0.0.1:${port}`] : [];
  const startServer = () => commands().server(...serverFlags);
  const startClient = (client: number) => commands(client).client("--slots", String(plan.slots), ...clientFlags);

  function role(name: string, start: Parameters<typeof startRole>[0]["start"]): Role {
    return startRole({
      name,
      start,
      wanted: () => !over.signal.aborted,
      unexpected: problem,
      note,
      onStart: ({ pid }) => family.add(pid),
      onEnd(file, { stderr, stdout }) {
        writing.push(writeFile(join(logs, `${file}.log`), `${stderr}${stdout === "" ? "" : `\n--- stdout\n${stdout}`}`));
      },
    });
  }

  const sampler = setInterval(() => void family.sample(), sampleMs);

  return {
    plan,
    directory,
    cacheDirectory: join(directory, "cache"),
    outputDirectory: join(directory, "out"),
    reference,
    broker,
    get server() {
      return server;
    },
    get clients() {
      return clients;
    },
    serverNetwork,
    clientNetworks,
    family,
    problems,
    over: over.signal,
    commands,
    async reached(part) {
      const bytes = part * reference.journalBytes;
      while (!over.signal.aborted) {
        if ((await journalBytes(join(directory, "cache"))) >= bytes) return true;
        await pause(pollMs);
      }
      return false;
    },
    async lasts(ms) {
      await pause(ms, undefined, { signal: over.signal }).catch(() => undefined);
      return !over.signal.aborted;
    },
    note,
    problem,
    serverEnv,
    clientEnv,
    clientFlags,
    disks: new Set(),
    recoTroubles: { units: {}, start: [] },
    serverFlags,
    port,
    cleanUp: (work) => void cleaning.push(work),
    open() {
      server = role("server", startServer);
      void server.finished.then(() => {
        note("the scan is over");
        over.abort();
      });
      clients = Array.from({ length: plan.clients }, (_, client) => role(`client ${client}`, () => startClient(client)));
    },
    async close() {
      clearInterval(sampler);
      over.abort();
      for (const one of [server, ...clients]) {
        one.signal("SIGCONT");
        await one.kill();
      }
      await Promise.all(
        [...(serverNetwork === undefined ? [] : [serverNetwork]), ...clientNetworks].map((proxy) => proxy.close()),
      );
      for (const work of cleaning.reverse()) await work().catch((error: unknown) => problem(`cleaning up: ${String(error)}`));
      await Promise.all(writing);
      await writeFile(join(logs, "story.log"), `${story.join("\n")}\n`);
    },
  };
}
