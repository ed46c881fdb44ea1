import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { makeCertificate } from "./certificates.ts";
import type { Certificate } from "./certificates.ts";
import { repositoryPath } from "./data.ts";
import { pulsarTokens, startPulsar } from "./pulsar.ts";
import type { Pulsar } from "./pulsar.ts";
import { startRabbitmq } from "./rabbitmq.ts";
import type { Rabbitmq } from "./rabbitmq.ts";
import { startRabbitmq4 } from "./rabbitmq4.ts";
import type { Rabbitmq4 } from "./rabbitmq4.ts";

const run = promisify(execFile);

/** A real broker with the configuration file and the users of `resources/brokers`: only ports, paths and certificates are the test's own. */
export interface ShippedBroker<Broker> {
  readonly broker: Broker;
  /** What tells a process of it, with the credentials of one side. The files that it names go when the broker is stopped. */
  env(side: "server" | "client"): Readonly<Record<string, string>>;
  /** The same as a process of that side would read it. */
  connection(side: "server" | "client"): Promise<ShippedConnection>;
  stop(): Promise<void>;
}

/** What a driver needs to connect. */
export interface ShippedConnection {
  readonly client: string;
  readonly address: string;
  readonly auth: string;
  readonly caFile: string;
  readonly lostSec: number;
  readonly goneSec: number;
}

interface Stage {
  readonly directory: string;
  readonly certificate: Certificate;
  /** Of `resources/brokers/NAME`. */
  readonly configFile: string;
  /** Runs the set-up script, returns what it printed. */
  readonly setUp: (args: readonly string[], env?: Readonly<Record<string, string>>) => Promise<string>;
}

interface Started<Broker> {
  readonly broker: Broker;
  /** As the set-up script printed it: a line with variables for each side. */
  readonly said: string;
}

async function start<Broker extends { stop(): Promise<void> }>(
  name: string,
  boot: (stage: Stage) => Promise<Started<Broker>>,
): Promise<ShippedBroker<Broker>> {
  const directory = await mkdtemp(join(tmpdir(), "skyscan-shipped-"));
  const certificate = await makeCertificate();
  const remove = async (): Promise<void> => {
    await certificate.remove();
    await rm(directory, { recursive: true, force: true });
  };
  try {
    const files = repositoryPath("resources/brokers", name);
    const { broker, said } = await boot({
      directory,
      certificate,
      configFile: join(files, "skyscan.conf"),
      setUp: async (args, env) => (await run(join(files, "set-up.sh"), args, { env: { ...process.env, ...env } })).stdout,
    });
    const env = (side: "server" | "client"): Readonly<Record<string, string>> => {
      const [, line] = new RegExp(`^${side}: (.*)$`, "m").exec(said) ?? [];
      if (line === undefined) throw new Error(`set-up.sh of ${name} says nothing to a ${side}:\n${said}`);
      const variables = line.split(" ").map((one) => one.split(/=(.*)/s).slice(0, 2));
      return { ...(Object.fromEntries(variables) as Record<string, string>), SKYSCAN_BROKER_CA_FILE: certificate.cert };
    };
    return {
      broker,
      env,
      async connection(side) {
        const { SKYSCAN_BROKER_ADDRESS = "", SKYSCAN_BROKER_AUTH_FILE = "" } = env(side);
        const auth = (await readFile(SKYSCAN_BROKER_AUTH_FILE, "utf8")).trim();
        return { client: name, address: SKYSCAN_BROKER_ADDRESS, auth, caFile: certificate.cert, lostSec: 600, goneSec: 5 };
      },
      async stop() {
        await broker.stop();
        await remove();
      },
    };
  } catch (error) {
    await remove();
    throw error;
  }
}

/** Stops the broker when its set-up fails. */
async function withUsers<Broker extends { stop(): Promise<void> }>(
  broker: Broker,
  setUp: () => Promise<string>,
): Promise<Started<Broker>> {
  try {
    return { broker, said: await setUp() };
  } catch (error) {
    await broker.stop();
    throw error;
  }
}

async function rabbitmqWithUsers<Broker extends Rabbitmq | Rabbitmq4>(
  { setUp, directory }: Stage,
  broker: Broker,
): Promise<Started<Broker>> {
  return withUsers(broker, async () => {
    const said = await setUp(["scans", directory], { RABBITMQCTL: broker.ctlProgram });
    return said.replaceAll("@HOST/", `@127.0.0.1:${broker.tlsPort}/`);
  });
}

export const startShippedRabbitmq = (): Promise<ShippedBroker<Rabbitmq>> =>
  start("rabbitmq", async (stage) =>
    rabbitmqWithUsers(stage, await startRabbitmq({ configFile: stage.configFile, tls: stage.certificate })),
  );

export const startShippedRabbitmq4 = (): Promise<ShippedBroker<Rabbitmq4>> =>
  start("rabbitmq", async (stage) =>
    rabbitmqWithUsers(stage, await startRabbitmq4({ configFile: stage.configFile, tls: stage.certificate })),
  );

export const startShippedPulsar = (): Promise<ShippedBroker<Pulsar>> =>
  start("pulsar", async ({ directory, certificate, configFile, setUp }) => {
    const [program, tokens] = [join(directory, "pulsar"), join(directory, "tokens")];
    await writeFile(program, `#!/bin/sh\nshift\n${pulsarTokens} "$@"\n`, { mode: 0o700 });
    await setUp(["tokens", tokens], { PULSAR: program });
    const administrator = join(tokens, "admin.token");
    const broker = await startPulsar({
      configFile,
      config: [
        `tokenSecretKey=file://${join(tokens, "secret.key")}`,
        `brokerClientAuthenticationParameters=file://${administrator}`,
      ],
      tls: { ...certificate, only: true },
      token: (await readFile(administrator, "utf8")).trim(),
    });
    return withUsers(broker, () =>
      setUp(["namespace", `https://127.0.0.1:${broker.port}`, "scans/default", tokens], { CURL_CA_BUNDLE: certificate.cert }),
    );
  });
