import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, open, readFile, rename, rm, writeFile } from "node:fs/promises";
import { request as requestPlain } from "node:http";
import { request as requestTls } from "node:https";
import type { RequestOptions } from "node:https";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { setTimeout as wait } from "node:timers/promises";
import { skipReason } from "./data.ts";
import { lastingPorts } from "./ports.ts";
import type { TestBroker } from "./test-broker.ts";

const java = ["/usr/bin/java", "/usr/local/bin/java"].find(existsSync);
const cache = process.env["XDG_CACHE_HOME"] || join(homedir(), ".cache");
/** The broker's jars, as `npm run test:all` gets them from Maven Central. */
const jars = join(cache, "skyscan", "pulsar-4.0.7");
/** Its classes as Java keeps them in memory: with it a boot takes a third less processor time. Java itself passes over one that does not fit. */
const classArchive = join(jars, "classes.jsa");

/** Ten seconds when nothing else runs. */
const bootMs = 200_000;
/** What it refuses while it boots costs it time as well. */
const againMs = 250;

/** Undefined when Pulsar can be started here, else why tests over it are skipped. */
export const pulsarMissing: string | undefined = skipReason(
  "pulsar",
  java !== undefined && existsSync(join(jars, "complete"))
    ? undefined
    : `there is no Pulsar here (npm run test:all gets a JDK and Pulsar's jars, into ${jars})`,
);

export interface PulsarOptions {
  /** More lines of its configuration; a later line of a key wins. */
  readonly config?: readonly string[];
  /** A configuration file whose lines come in front of all others. What is not in it is as Pulsar has it, but for what a small machine needs. */
  readonly configFile?: string;
  /** PEM files: the web service then speaks TLS on `tlsPort` beside what it speaks on `port`. `only`: nothing speaks without, and `port` is `tlsPort`. */
  readonly tls?: { readonly cert: string; readonly key: string; readonly only?: boolean };
  /** A token of an administrator, where the configuration asks for one. */
  readonly token?: string;
  /** Options of Java, in place of the one that takes the archive of classes. */
  readonly java?: readonly string[];
}

/** A real Pulsar standalone of this test alone. Without more configuration everybody may do all. */
export interface Pulsar extends TestBroker {
  readonly host: "127.0.0.1";
  /** Of the binary protocol. */
  readonly servicePort: number;
  readonly tlsPort: number | undefined;
  /** Its REST API, as an administrator: `/admin/v2/…`. Rejects what is no success. */
  admin(method: string, path: string, body?: unknown): Promise<string>;
  /** What it wrote to its log so far. */
  log(): Promise<string>;
  /** Ends it in good order. */
  terminate(): Promise<void>;
}

interface TopicStats {
  readonly publishers: readonly { readonly producerName: string }[];
  readonly subscriptions: Readonly<Record<string, { readonly consumers: readonly { readonly consumerName: string }[] }>>;
}

const ended = (child: ChildProcess): Promise<void> =>
  child.exitCode !== null || child.signalCode !== null
    ? Promise.resolve()
    : new Promise((resolve) => void child.once("exit", () => resolve()));

const answerOf = (
  url: string,
  options: RequestOptions,
  content: string | undefined,
): Promise<{ readonly status: number; readonly text: string }> =>
  new Promise((resolve, reject) => {
    const sent = (url.startsWith("https:") ? requestTls : requestPlain)(url, { ...options, agent: false }, (response) => {
      const { statusCode: status = 0 } = response;
      text(response).then((said) => resolve({ status, text: said }), reject);
    });
    sent.on("error", reject);
    sent.end(content);
  });

/** A shell command that is its `bin/pulsar tokens`. */
export const pulsarTokens: string = `exec ${java} -XX:TieredStopAtLevel=1 -cp '${jars}/lib/*' org.apache.pulsar.utils.auth.tokens.TokensCliUtils`;

/** Starts Pulsar 4.0.7 on free loopback ports in a temporary directory. Boots in about ten seconds: share one. */
export async function startPulsar(options: PulsarOptions = {}): Promise<Pulsar> {
  const home = await mkdtemp(join(tmpdir(), "skyscan-pulsar-"));
  const [plainPort, servicePort, tlsPort] = (await lastingPorts(3)) as [number, number, number];
  const logFile = join(home, "log");
  const { tls, token, config = [], configFile, java: own = [`-XX:SharedArchiveFile=${classArchive}`] } = options;
  const onlyTls = tls?.only === true;
  const port = onlyTls ? tlsPort : plainPort;
  const settings = {
    clusterName: "standalone",
    advertisedAddress: "127.0.0.1",
    bindAddress: "127.0.0.1",
    listeningInterface: "lo",
    ...(onlyTls ? { brokerServicePortTls: servicePort } : { brokerServicePort: servicePort, webServicePort: port }),
    // What a scan needs.
    ...(configFile === undefined && {
      webSocketServiceEnabled: true,
      webSocketMaxTextFrameSize: 12_582_912,
      maxMessageSize: 9_437_184,
      // Of its bookie: what is larger would never be written, nor would anything after it.
      nettyMaxFrameSizeBytes: 9_441_280,
    }),
    numHttpServerThreads: 8,
    journalSyncData: false,
    loadBalancerEnabled: false,
    systemTopicEnabled: false,
    topicLevelPoliciesEnabled: false,
    managedLedgerDefaultEnsembleSize: 1,
    managedLedgerDefaultWriteQuorum: 1,
    managedLedgerDefaultAckQuorum: 1,
    // What nobody uses any more goes after this, not after a minute.
    brokerDeleteInactiveTopicsFrequencySeconds: 3,
    diskUsageThreshold: 0.99,
    diskUsageWarnThreshold: 0.98,
    ...(tls !== undefined && {
      webServicePortTls: tlsPort,
      tlsCertificateFilePath: tls.cert,
      tlsKeyFilePath: tls.key,
      tlsTrustCertsFilePath: tls.cert,
      brokerClientTrustCertsFilePath: tls.cert,
    }),
  };
  const given = configFile === undefined ? [] : [await readFile(configFile, "utf8")];
  const lines = [...given, ...Object.entries(settings).map(([key, value]) => `${key}=${String(value)}`), ...config];
  await writeFile(join(home, "standalone.conf"), `${lines.join("\n")}\n`);
  const memory = ["-Xmx256m", "-XX:MaxDirectMemorySize=256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"];
  const places = ["--metadata-dir", join(home, "metadata"), "--bookkeeper-dir", join(home, "bookkeeper")];
  const command = [...own, ...memory, "-cp", join(jars, "lib", "*"), "org.apache.pulsar.PulsarStandaloneStarter"];
  const started = ["--config", join(home, "standalone.conf"), "-nfw", "-nss", ...places];

  let server: ChildProcess | undefined;
  const log = (): Promise<string> => readFile(logFile, "utf8").catch(() => "");

  async function admin(method: string, path: string, body?: unknown): Promise<string> {
    const content = body === undefined ? undefined : JSON.stringify(body);
    const headers = {
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...(content !== undefined && { "content-type": "application/json" }),
    };
    const url = `${onlyTls ? "https" : "http"}://127.0.0.1:${port}/admin/v2/${path}`;
    const { status, text: said } = await answerOf(
      url,
      { method, headers, ...(onlyTls && { ca: await readFile(tls.cert) }) },
      content,
    );
    if (status >= 300) throw new Error(`${method} ${path}: ${status} ${said}`);
    return said;
  }
  const answers = (path: string, expected: string): Promise<boolean> =>
    admin("GET", path).then(
      (text) => text.includes(expected),
      () => false,
    );
  const boots = async (): Promise<boolean> =>
    (await answers("brokers/ready", "ok")) && (await answers("namespaces/public", "public/default"));

  async function start(): Promise<void> {
    await writeFile(logFile, "");
    const output = await open(logFile, "a");
    server = spawn(java!, [...command, ...started], { cwd: home, stdio: ["ignore", output.fd, output.fd] });
    await output.close();
    const deadline = performance.now() + bootMs;
    while (server.exitCode === null && server.signalCode === null && performance.now() < deadline) {
      if (await boots()) return;
      await wait(againMs);
    }
    await kill9();
    throw new Error(`Pulsar does not answer on ${port}.\n${(await log()).split("\n").slice(-30).join("\n")}`);
  }
  async function kill9(): Promise<void> {
    const running = server;
    server = undefined;
    running?.kill("SIGKILL");
    if (running !== undefined) await ended(running);
  }
  async function terminate(): Promise<void> {
    const running = server;
    running?.kill("SIGTERM");
    if (running !== undefined) await ended(running);
  }
  function signal(which: NodeJS.Signals): Promise<void> {
    server?.kill(which);
    return Promise.resolve();
  }
  async function topics(): Promise<readonly string[]> {
    return JSON.parse(await admin("GET", "persistent/public/default")) as string[];
  }
  const address = (at: number): string => `${onlyTls ? "wss" : "ws"}://127.0.0.1:${at}`;

  await start();
  return {
    client: "pulsar",
    host: "127.0.0.1",
    port,
    servicePort,
    tlsPort: tls === undefined ? undefined : tlsPort,
    address: address(port),
    env: ({ port: at = port, heartbeatSec } = {}) => ({
      SKYSCAN_BROKER_CLIENT: "pulsar",
      SKYSCAN_BROKER_ADDRESS: address(at),
      ...(heartbeatSec !== undefined && { SKYSCAN_PULSAR_PING_SEC: String(heartbeatSec) }),
    }),
    version: () => admin("GET", "brokers/version"),
    async inventory() {
      const names: string[] = [];
      const connections: string[] = [];
      for (const topic of await topics()) {
        const path = topic.replace("://", "/");
        // Gone meanwhile.
        const answer = await admin("GET", `${path}/stats`).catch(() => undefined);
        if (answer === undefined) continue;
        names.push(decodeURIComponent(path.split("/").at(-1)!));
        const stats = JSON.parse(answer) as TopicStats;
        connections.push(...stats.publishers.map(({ producerName }) => producerName));
        for (const { consumers } of Object.values(stats.subscriptions))
          connections.push(...consumers.map(({ consumerName }) => consumerName));
      }
      return { names, connections };
    },
    kill9,
    terminate,
    async restart() {
      await kill9();
      await start();
    },
    async wipe() {
      for (const data of ["metadata", "bookkeeper"]) await rm(join(home, data), { recursive: true, force: true });
    },
    freeze: () => signal("SIGSTOP"),
    thaw: () => signal("SIGCONT"),
    alarms: [],
    admin,
    log,
    async stop() {
      await kill9();
      await rm(home, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

/** Makes the archive of classes that every later start takes, unless it is there: of what one start and a look at the broker load. */
export async function archivePulsarClasses(): Promise<void> {
  if (existsSync(classArchive)) return;
  const part = `${classArchive}.${process.pid}.tmp`;
  const pulsar = await startPulsar({ java: [`-XX:ArchiveClassesAtExit=${part}`] });
  try {
    await pulsar.inventory();
    await pulsar.terminate();
    await rename(part, classArchive);
  } finally {
    await rm(part, { force: true });
    await pulsar.stop();
  }
}
