import { hostAndPort, parseAddress } from "../../address.ts";
import type { Broker } from "../../broker.ts";
import type { Connect } from "../../driver.ts";
import { BrokerError } from "../../errors.ts";
import type { ConnectionSettings } from "../../connection-settings.ts";
import { createOpenHandles } from "../../open-handles.ts";
import { createSupervisor } from "../../supervisor.ts";
import { readTlsFiles } from "../../tls-files.ts";
import { openRemoteConsumer, openRemoteListener, openRemotePublisher } from "./remote-endpoints.ts";
import { connectWire } from "./wire.ts";
import type { WireOptions } from "./wire.ts";

const connectMs = 10_000;
const schemes: readonly (string | undefined)[] = [undefined, "grpc", "grpcs"];

async function wireOptions(settings: ConnectionSettings): Promise<WireOptions> {
  const address = parseAddress(settings.address);
  if (!schemes.includes(address.scheme)) {
    throw new BrokerError(
      "bad-address",
      `The embedded broker does not speak ${address.scheme}://; use HOST:PORT, or grpcs://HOST:PORT for TLS.`,
    );
  }
  if (address.port === undefined) {
    throw new BrokerError(
      "bad-address",
      "The address of an embedded broker needs a port: HOST:PORT, as the server's startup file names it.",
    );
  }
  const token = settings.auth ?? address.password;
  const base = { target: hostAndPort(address.host, address.port), token, connectMs };
  if (address.scheme !== "grpcs") return base;
  return { ...base, tls: await readTlsFiles(settings) };
}

const ownerOnly = (what: string): Promise<never> =>
  Promise.reject(new BrokerError("refused-right", `Only the process that runs the embedded broker may ${what}.`));

/** Connects to the broker inside another process. Publishing, consuming and listening only: the host alone declares, removes, purges, locks and broadcasts. */
export const connectEmbedded: Connect = async (resolve, { logger }) => {
  let target = "";
  const supervisor = await createSupervisor({
    async connect() {
      const settings = await resolve();
      const options = await wireOptions(settings);
      target = options.target;
      return { session: await connectWire(options), limits: settings };
    },
    restore: () => Promise.resolve([]),
    logger,
  });
  const handles = createOpenHandles();

  const broker: Broker = {
    get description() {
      return `embedded at ${target}`;
    },
    maxHoldSec: null,
    declare: () => ownerOnly("declare queues"),
    remove: () => ownerOnly("remove queues"),
    publisher: async (queue) => handles.writer(await openRemotePublisher(supervisor, queue)),
    consumer: async (queue, options) => handles.reader(await openRemoteConsumer(supervisor, queue, options.prefetch)),
    broadcaster: () => ownerOnly("broadcast"),
    listener: async (control) => handles.reader(await openRemoteListener(supervisor, control)),
    async depth(queue) {
      const { exists, depth } = await (await supervisor.whenUp()).ask(queue);
      if (!exists) throw new BrokerError("queue-gone", `The queue ${queue} does not exist at the embedded broker.`);
      return depth;
    },
    purge: () => ownerOnly("purge queues"),
    exists: async (queue) => (await (await supervisor.whenUp()).ask(queue)).exists,
    lock: () => ownerOnly("hold locks"),
    onState: (listener) => supervisor.onState(listener),
    async close() {
      await handles.close();
      await supervisor.close();
    },
  };
  return broker;
};
