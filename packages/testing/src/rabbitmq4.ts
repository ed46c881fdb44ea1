import { execFile } from "node:child_process";
import { copyFile, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { containerEnvironment, containersLack, rabbitmq4Image } from "./containers.ts";
import { skipReason, toolsDirectory } from "./data.ts";
import { descendants } from "./descendants.ts";
import { lastingPort } from "./ports.ts";

const run = promisify(execFile);
const tool = join(toolsDirectory, "rabbitmq4.sh");

/** Undefined when RabbitMQ 4 can be run here (in a container), else why tests over it are skipped. */
export const rabbitmq4Missing: string | undefined = skipReason(
  "rabbitmq4",
  containersLack({ mmdebstrap: "/usr/bin/mmdebstrap" }),
);

export interface Rabbitmq4Options {
  /** A configuration file whose lines come in front of the launcher's own. */
  readonly configFile?: string;
  /** PEM files; the server then speaks TLS on `tlsPort` beside plain AMQP. */
  readonly tls?: { readonly cert: string; readonly key: string };
}

/** A real RabbitMQ 4.0 node in a container. User guest, password guest, vhost /. */
export interface Rabbitmq4 {
  readonly port: number;
  readonly tlsPort: number | undefined;
  readonly url: string;
  kill9(): Promise<void>;
  /** Starts it again on the same data. */
  restart(): Promise<void>;
  /** Runs `rabbitmqctl` on it and returns what it printed. Takes a second or two. */
  ctl(...args: readonly string[]): Promise<string>;
  /** Path of a program that is its `rabbitmqctl`. */
  readonly ctlProgram: string;
  /** What it wrote to its log so far. */
  log(): Promise<string>;
  /** Removes its data, of which it must be dead: it comes back empty. */
  wipe(): Promise<void>;
  /** SIGSTOP to all its processes. */
  freeze(): Promise<void>;
  /** SIGCONT to all its processes. */
  thaw(): Promise<void>;
  stop(): Promise<void>;
}

/** The tool derives two more ports from this one, 10,000 and 20,000 higher: those are not to be the kernel's to give away, either. */
async function lowPort(): Promise<number> {
  for (;;) {
    const port = await lastingPort();
    if (port < 12_500) return port;
  }
}

/** Makes the image when it is not there (half a minute), then boots in 4 s. */
export async function startRabbitmq4({ configFile, tls }: Rabbitmq4Options = {}): Promise<Rabbitmq4> {
  const containers = await containerEnvironment();
  const env: NodeJS.ProcessEnv = { ...process.env, ...containers };
  const shell = async (command: string): Promise<string> =>
    (await run("bash", ["-c", `set -e; ${command}`], { env, maxBuffer: 1 << 26 })).stdout;
  const data = await mkdtemp(join(tmpdir(), "skyscan-rabbitmq4-"));
  const port = await lowPort();
  const tlsPort = tls === undefined ? undefined : await lastingPort();
  const name = `skyscan-rabbitmq4-${port}`;
  // The data directory is all that the container sees.
  const [cert, key, ctlProgram] = [join(data, "cert.pem"), join(data, "key.pem"), join(data, "rabbitmqctl")];
  if (tls !== undefined) await Promise.all([copyFile(tls.cert, cert), copyFile(tls.key, key)]);
  const lines = [
    ...(configFile === undefined ? [] : [await readFile(configFile, "utf8"), `listeners.tcp.1 = 127.0.0.1:${port}`]),
    ...(tls === undefined
      ? []
      : [
          `listeners.ssl.1 = 127.0.0.1:${tlsPort}`,
          `ssl_options.certfile = ${cert}`,
          `ssl_options.keyfile = ${key}`,
          "ssl_options.verify = verify_none",
        ]),
  ];
  env["RABBITMQ_EXTRA_CONF"] = lines.join("\n");
  const variables = Object.entries(containers).map(([variable, value]) => `${variable}='${value}'`);
  const inside = `podman exec -i ${name} /usr/lib/rabbitmq/bin/rabbitmqctl`;
  await writeFile(ctlProgram, `#!/bin/sh\nexec env ${variables.join(" ")} ${inside} "$@"\n`, { mode: 0o700 });
  const start = async (): Promise<void> => {
    await shell(`'${tool}' start ${name} ${port} '${data}'`);
  };
  const quoted = (word: string): string => `'${word.replaceAll("'", "'\\''")}'`;
  /** From outside: a process inside could not stop its own leader. */
  const signalAll = async (signal: NodeJS.Signals): Promise<void> => {
    const init = Number(await shell(`podman inspect --format '{{.State.Pid}}' ${name}`));
    if (init > 0) for (const pid of [init, ...(await descendants(init)).keys()]) process.kill(pid, signal);
  };
  const stop = async (): Promise<void> => {
    await shell(`'${tool}' stop ${name}`);
    await rm(data, { recursive: true, force: true, maxRetries: 5 });
  };

  await rabbitmq4Image();
  try {
    await start();
  } catch (error) {
    await stop().catch(() => undefined);
    throw error;
  }
  return {
    port,
    tlsPort,
    url: `amqp://guest:guest@127.0.0.1:${port}`,
    kill9: async () => {
      await shell(`podman kill ${name} >/dev/null`);
    },
    restart: start,
    ctl: (...args) => shell(`podman exec ${name} /usr/lib/rabbitmq/bin/rabbitmqctl --quiet ${args.map(quoted).join(" ")}`),
    ctlProgram,
    log: () => readFile(join(data, "log", `r${port}@localhost.log`), "utf8"),
    wipe: () => rm(join(data, "mnesia"), { recursive: true, force: true, maxRetries: 5 }),
    freeze: () => signalAll("SIGSTOP"),
    thaw: () => signalAll("SIGCONT"),
    stop,
  };
}
