import { execFile, spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, open, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { promisify } from "node:util";
import { skipReason } from "./data.ts";
import { lastingPorts } from "./ports.ts";
import type { TestBroker } from "./test-broker.ts";

const binary = ["/usr/sbin/nats-server", "/usr/bin/nats-server", "/usr/local/bin/nats-server"].find(existsSync);

/** Undefined when NATS is installed here (Debian's `nats-server`), else why tests over it are skipped. */
export const natsMissing: string | undefined = skipReason(
  "nats",
  binary === undefined ? "there is no NATS here (Debian: apt-get install -y --no-install-recommends nats-server)" : undefined,
);

export interface NatsOptions {
  /** Lines of its configuration in place of those that let everybody in: `authorization { … }`, `tls { … }`. */
  readonly config?: readonly string[];
  /** False: without JetStream. */
  readonly jetStream?: boolean;
  /** What a scan needs is the default. */
  readonly maxPayload?: string;
}

/** A real nats-server of this test alone. Who is let in may do all. */
export interface Nats extends TestBroker {
  readonly host: "127.0.0.1";
  /** Sends it a signal: SIGUSR2 is lame duck mode. */
  signal(signal: NodeJS.Signals): void;
  /** What it wrote to its log so far. */
  log(): Promise<string>;
}

interface Inventory {
  readonly connections?: readonly { readonly cid: number; readonly name?: string }[];
  readonly account_details?: readonly { readonly stream_detail?: readonly { readonly name: string }[] }[];
}

/** The driver writes what has a meaning in a subject as =XX. */
const nameOf = (stream: string): string => decodeURIComponent(stream.replaceAll("=", "%"));

const ended = (child: ChildProcess): Promise<void> =>
  child.exitCode !== null || child.signalCode !== null
    ? Promise.resolve()
    : new Promise((resolve) => void child.once("exit", () => resolve()));

/** Starts Debian's nats-server on free loopback ports in a temporary directory. Boots in a moment. */
export async function startNats(options: NatsOptions = {}): Promise<Nats> {
  const home = await mkdtemp(join(tmpdir(), "skyscan-nats-"));
  const [port, monitorPort] = (await lastingPorts(2)) as [number, number];
  const data = join(home, "data");
  const logFile = join(home, "log");
  const lines = [
    `listen: 127.0.0.1:${port}`,
    `http: 127.0.0.1:${monitorPort}`,
    `max_payload: ${options.maxPayload ?? "9MB"}`,
    // As a client notices a dead server, a server notices dead clients: soon.
    "ping_interval: 2s",
    ...(options.jetStream === false ? [] : [`jetstream { store_dir: "${data}" }`]),
    ...(options.config ?? []),
  ];
  await writeFile(join(home, "nats.conf"), `${lines.join("\n")}\n`);

  let server: ChildProcess | undefined;
  const log = (): Promise<string> => readFile(logFile, "utf8").catch(() => "");
  const asked = async (path: string): Promise<Inventory> =>
    (await (await fetch(`http://127.0.0.1:${monitorPort}/${path}`)).json()) as Inventory;
  const answers = (path: string): Promise<boolean> =>
    fetch(`http://127.0.0.1:${monitorPort}/${path}`).then(
      ({ ok }) => ok,
      () => false,
    );
  const boots = async (): Promise<boolean> => (await answers("healthz")) && (await log()).includes("Server is ready");

  async function start(): Promise<void> {
    await writeFile(logFile, "");
    const output = await open(logFile, "a");
    server = spawn(binary!, ["-c", join(home, "nats.conf")], { stdio: ["ignore", output.fd, output.fd] });
    await output.close();
    const deadline = performance.now() + 60_000;
    while (server.exitCode === null && server.signalCode === null && performance.now() < deadline) {
      if (await boots()) return;
      await wait(20);
    }
    throw new Error(`NATS does not listen on ${port}.\n${await log()}`);
  }
  async function kill9(): Promise<void> {
    const running = server;
    server = undefined;
    running?.kill("SIGKILL");
    if (running !== undefined) await ended(running);
  }
  const signal = (which: NodeJS.Signals): void => void server?.kill(which);
  const address = (at: number): string => `nats://127.0.0.1:${at}`;

  await start();
  return {
    client: "nats",
    host: "127.0.0.1",
    port,
    address: address(port),
    env: ({ port: at = port, heartbeatSec } = {}) => ({
      SKYSCAN_BROKER_CLIENT: "nats",
      SKYSCAN_BROKER_ADDRESS: address(at),
      ...(heartbeatSec !== undefined && {
        SKYSCAN_NATS_PING_SEC: String(heartbeatSec),
        SKYSCAN_NATS_ACK_WAIT_SEC: String(2 * heartbeatSec),
      }),
    }),
    version: async () => (await promisify(execFile)(binary!, ["--version"])).stdout.replace(/^.* v/, "").trim(),
    async inventory() {
      const { account_details: accounts = [] } = await asked("jsz?streams=true");
      const { connections = [] } = await asked("connz");
      return {
        names: accounts.flatMap(({ stream_detail: streams = [] }) => streams.map(({ name }) => nameOf(name))),
        connections: connections.map(({ cid, name = String(cid) }) => name),
      };
    },
    kill9,
    async restart() {
      await kill9();
      await start();
    },
    wipe: () => rm(data, { recursive: true, force: true }),
    freeze() {
      signal("SIGSTOP");
      return Promise.resolve();
    },
    thaw() {
      signal("SIGCONT");
      return Promise.resolve();
    },
    alarms: [],
    signal,
    log,
    async stop() {
      await kill9();
      await rm(home, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}
