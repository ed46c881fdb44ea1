import { execFile, spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { existsSync } from "node:fs";
import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { promisify } from "node:util";
import { skipReason } from "./data.ts";
import { lastingPorts } from "./ports.ts";

const run = promisify(execFile);
const binaries = "/usr/lib/rabbitmq/bin";

/** Undefined when RabbitMQ is installed here (Debian's `rabbitmq-server`), else why tests over it are skipped. */
export const rabbitmqMissing: string | undefined = skipReason(
  "rabbitmq",
  existsSync(`${binaries}/rabbitmq-server`)
    ? undefined
    : "there is no RabbitMQ here (Debian: apt-get install -y --no-install-recommends rabbitmq-server)",
);

export interface RabbitmqOptions {
  /** The server's `consumer_timeout`, milliseconds. Default: the server's own, 30 minutes. */
  readonly consumerTimeoutMs?: number;
  /** PEM files; the server then speaks TLS on `tlsPort` beside plain AMQP. With `ca`, clients must show a certificate that it signed. */
  readonly tls?: { readonly cert: string; readonly key: string; readonly ca?: string };
  /** More lines of rabbitmq.conf. */
  readonly config?: readonly string[];
  /** A configuration file that is read in front of all this: as 50-… in conf.d, with ports and certificates in a later file. */
  readonly configFile?: string;
  /** Of those that come with it. Default: none. */
  readonly plugins?: readonly string[];
}

export interface Rights {
  readonly configure: string;
  readonly write: string;
  readonly read: string;
}

/** A real RabbitMQ node of this test alone. User guest, password guest, vhost /. */
export interface Rabbitmq {
  readonly host: "127.0.0.1";
  readonly port: number;
  readonly tlsPort: number | undefined;
  /** `amqp://guest:guest@127.0.0.1:PORT` */
  readonly url: string;
  /** As a machine that loses its power: nothing is flushed, nobody is told. */
  kill9(): Promise<void>;
  /** Starts it again on the same data, killing it first when it runs. */
  restart(): Promise<void>;
  /** Removes its data, of which it must be dead: it comes back empty. */
  wipe(): Promise<void>;
  /** SIGSTOP to all its processes. */
  freeze(): Promise<void>;
  /** SIGCONT to all its processes. */
  thaw(): Promise<void>;
  /** Runs `rabbitmqctl` on it and returns what it printed. Takes a second or two. */
  ctl(...args: readonly string[]): Promise<string>;
  /** Path of a program that is its `rabbitmqctl`. */
  readonly ctlProgram: string;
  addVhost(name: string): Promise<void>;
  addUser(name: string, password: string): Promise<void>;
  setRights(user: string, vhost: string, rights: Rights): Promise<void>;
  /** What it wrote to its log so far. */
  log(): Promise<string>;
  /** Ends it and removes its data. */
  stop(): Promise<void>;
}

const answers = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1", () => {
      socket.destroy();
      resolve(true);
    });
    socket.on("error", () => resolve(false));
  });

/** Resolves when somebody listens; rejects when `child` ends first or 60 s have passed. */
async function listening(port: number, child: ChildProcess, logs: () => Promise<string>): Promise<void> {
  const deadline = performance.now() + 60_000;
  while (performance.now() < deadline && child.exitCode === null && child.signalCode === null) {
    if (await answers(port)) return;
    await wait(100);
  }
  throw new Error(`RabbitMQ does not listen on ${port}.\n${await logs()}`);
}

const ended = (child: ChildProcess): Promise<void> =>
  child.exitCode !== null || child.signalCode !== null
    ? Promise.resolve()
    : new Promise((resolve) => void child.once("exit", () => resolve()));

/** Starts Debian's RabbitMQ on free loopback ports in a temporary directory. Boots in 7-8 s, so share one per test file. */
export async function startRabbitmq(options: RabbitmqOptions = {}): Promise<Rabbitmq> {
  const home = await mkdtemp(join(tmpdir(), "skyscan-rabbitmq-"));
  const [port, tlsPort, distPort, epmdPort, ctlPort] = (await lastingPorts(5)) as [number, number, number, number, number];
  const node = `skyscan${port}@localhost`;
  const { tls } = options;
  const lines = [
    `listeners.tcp.1 = 127.0.0.1:${port}`,
    "log.console = false",
    ...(tls === undefined
      ? []
      : [
          `listeners.ssl.1 = 127.0.0.1:${tlsPort}`,
          `ssl_options.certfile = ${tls.cert}`,
          `ssl_options.keyfile = ${tls.key}`,
          ...(tls.ca === undefined
            ? ["ssl_options.verify = verify_none"]
            : [
                `ssl_options.cacertfile = ${tls.ca}`,
                "ssl_options.verify = verify_peer",
                "ssl_options.fail_if_no_peer_cert = true",
              ]),
        ]),
    ...(options.config ?? []),
  ];
  const consumerTimeout =
    options.consumerTimeoutMs === undefined ? "" : `{rabbit, [{consumer_timeout, ${options.consumerTimeoutMs}}]}`;
  await mkdir(join(home, "log"));
  const parts = join(home, "conf.d");
  await mkdir(parts);
  if (options.configFile !== undefined) await copyFile(options.configFile, join(parts, "50-file.conf"));
  await writeFile(join(parts, "90-here.conf"), `${lines.join("\n")}\n`);
  await writeFile(join(home, "rabbitmq.conf"), "");
  await writeFile(join(home, "advanced.config"), `[${consumerTimeout}].\n`);
  await writeFile(join(home, "enabled_plugins"), `[${(options.plugins ?? []).join(",")}].\n`);
  await writeFile(join(home, ".erlang.cookie"), `SKYSCAN${port}`, { mode: 0o600 });

  const environment: NodeJS.ProcessEnv = {
    PATH: process.env["PATH"],
    LANG: "C.UTF-8",
    HOME: home,
    ERL_EPMD_PORT: String(epmdPort),
    ERL_EPMD_ADDRESS: "127.0.0.1",
    ERL_CRASH_DUMP: join(home, "erl_crash.dump"),
    RABBITMQ_NODENAME: node,
    RABBITMQ_MNESIA_BASE: join(home, "mnesia"),
    RABBITMQ_LOG_BASE: join(home, "log"),
    RABBITMQ_NODE_PORT: String(port),
    RABBITMQ_DIST_PORT: String(distPort),
    RABBITMQ_CTL_DIST_PORT_MIN: String(ctlPort),
    RABBITMQ_CTL_DIST_PORT_MAX: String(ctlPort),
    RABBITMQ_CONFIG_FILE: join(home, "rabbitmq.conf"),
    RABBITMQ_CONFIG_FILES: join(parts, "*.conf"),
    RABBITMQ_ADVANCED_CONFIG_FILE: join(home, "advanced.config"),
    RABBITMQ_ENABLED_PLUGINS_FILE: join(home, "enabled_plugins"),
    RABBITMQ_PID_FILE: join(home, "pid"),
    RABBITMQ_CONF_ENV_FILE: "/dev/null",
    RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: "+S 2:2 +sbwt none",
  };
  const ctlProgram = join(home, "rabbitmqctl");
  const variables = Object.entries(environment).map(([name, value]) => `${name}='${value}'`);
  await writeFile(ctlProgram, `#!/bin/sh\nexec env ${variables.join(" ")} ${binaries}/rabbitmqctl -n ${node} "$@"\n`, {
    mode: 0o700,
  });
  // In front of the node, which would leave one running behind it.
  const epmd = spawn("epmd", ["-port", String(epmdPort), "-address", "127.0.0.1"], { stdio: "ignore", env: environment });
  const log = (): Promise<string> => readFile(join(home, "log", `${node}.log`), "utf8").catch(() => "(no log)");
  const logs = async (): Promise<string> => (await log()).split("\n").slice(-20).join("\n");

  /** It listens a moment before it counts as running, which what changes its users asks for. */
  const whenRunning = (): Promise<string> => ctl("await_startup");

  let server: ChildProcess | undefined;
  async function start(): Promise<void> {
    server = spawn(`${binaries}/rabbitmq-server`, [], { stdio: "ignore", env: environment, detached: true });
    await listening(port, server, logs);
  }
  async function kill9(): Promise<void> {
    const running = server;
    server = undefined;
    if (running?.pid === undefined) return;
    // The whole group: the start script is the leader, the Erlang machine runs under it.
    try {
      process.kill(-running.pid, "SIGKILL");
    } catch {
      return;
    }
    await ended(running);
    // The leader is gone, but the Erlang machine may take a moment longer.
    while (await answers(port)) await wait(20);
  }
  function signalAll(signal: NodeJS.Signals): Promise<void> {
    if (server?.pid !== undefined) process.kill(-server.pid, signal);
    return Promise.resolve();
  }
  async function stop(): Promise<void> {
    await kill9();
    epmd.kill("SIGKILL");
    await ended(epmd);
    await rm(home, { recursive: true, force: true, maxRetries: 5 });
  }

  // One at a time: they share the port for their own end of the connection.
  let ctlBefore: Promise<unknown> = Promise.resolve();
  function ctl(...args: readonly string[]): Promise<string> {
    const result = ctlBefore.then(() =>
      run(`${binaries}/rabbitmqctl`, ["-n", node, "--quiet", ...args], {
        env: environment,
        timeout: 120_000,
        killSignal: "SIGKILL",
      }),
    );
    ctlBefore = result.catch(() => undefined);
    return result.then(({ stdout }) => stdout);
  }

  try {
    await start();
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    host: "127.0.0.1",
    port,
    tlsPort: tls === undefined ? undefined : tlsPort,
    url: `amqp://guest:guest@127.0.0.1:${port}`,
    kill9,
    async restart() {
      await kill9();
      await start();
    },
    wipe: () => rm(join(home, "mnesia"), { recursive: true, force: true, maxRetries: 5 }),
    freeze: () => signalAll("SIGSTOP"),
    thaw: () => signalAll("SIGCONT"),
    ctl,
    ctlProgram,
    async addVhost(name) {
      await whenRunning();
      await ctl("add_vhost", name);
    },
    async addUser(name, password) {
      await whenRunning();
      await ctl("add_user", name, password);
    },
    async setRights(user, vhost, rights) {
      await ctl("set_permissions", "-p", vhost, user, rights.configure, rights.write, rights.read);
    },
    log,
    stop,
  };
}
