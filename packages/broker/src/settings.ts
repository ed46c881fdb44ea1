import { oneOf, optional, positiveNumber, readSettings, text } from "@skyscan/runtime";
import type { Setting, SettingTable, SettingValues } from "@skyscan/runtime";
import type { ConnectionSettings } from "./connection-settings.ts";
import { defaultClient, drivers } from "./registry.ts";

/** A queue that has been missing for so long is gone, and the scan with it, seconds. */
export const goneSec = 60;

const clients = drivers.map(({ client }) => client);

/** The environment of every process that talks to a broker, whichever it is. */
export const brokerSettingTable = {
  client: {
    env: "SKYSCAN_BROKER_CLIENT",
    kind: optional(oneOf(...clients)),
    default: undefined,
    doc: `Which broker: ${clients.join(", ")}. Unset: ${defaultClient} when an address is given, else embedded.`,
  } as Setting<string | undefined>,
  address: {
    env: "SKYSCAN_BROKER_ADDRESS",
    kind: optional(text),
    default: undefined,
    doc: "Broker address, [SCHEME://][USER[:PASSWORD]@]HOST[:PORT][/VHOST]. Unset: the broker inside the server (embedded).",
  } as Setting<string | undefined>,
  auth: {
    env: "SKYSCAN_BROKER_AUTH",
    kind: optional(text),
    default: undefined,
    secret: true,
    doc: "Broker token or password; replaces the password of the address.",
  } as Setting<string | undefined>,
  caFile: {
    env: "SKYSCAN_BROKER_CA_FILE",
    kind: optional(text),
    default: undefined,
    doc: "PEM file of the certificate authority that signed the broker's certificate.",
  } as Setting<string | undefined>,
  certFile: {
    env: "SKYSCAN_BROKER_CERT_FILE",
    kind: optional(text),
    default: undefined,
    doc: "PEM file of this side's certificate, where the broker asks for one.",
  } as Setting<string | undefined>,
  keyFile: {
    env: "SKYSCAN_BROKER_KEY_FILE",
    kind: optional(text),
    default: undefined,
    doc: "PEM file of the key of that certificate.",
  } as Setting<string | undefined>,
  lostSec: {
    env: "SKYSCAN_BROKER_LOST_SEC",
    kind: positiveNumber,
    default: 600,
    doc: "How long a broker that went away may stay away before the process gives up (status 4), seconds.",
  } as Setting<number>,
} as const;

/** What only some drivers know, by variable. */
export const driverSettingTable: SettingTable = Object.fromEntries(
  drivers.flatMap(({ settings = {} }) => Object.values(settings)).map((setting) => [setting.env, setting]),
);

/** What the environment says of the broker. */
export interface BrokerSettings extends SettingValues<typeof brokerSettingTable> {
  readonly own: Readonly<Record<string, unknown>>;
}

/** Problems are added to the list, as `readSettings` does. */
export const readBrokerSettings = (
  problems: string[],
  environment?: Readonly<Record<string, string | undefined>>,
): BrokerSettings => ({
  ...readSettings(brokerSettingTable, problems, environment),
  own: readSettings(driverSettingTable, problems, environment),
});

/** What the environment does not decide. */
interface Decided {
  readonly client: string | undefined;
  readonly address: string;
  readonly auth: string | undefined;
  readonly goneSec: number;
}

/** What a driver gets. */
export function connectionSettings(
  { caFile, certFile, keyFile, lostSec, own }: BrokerSettings,
  { client = defaultClient, address, auth, goneSec }: Decided,
): ConnectionSettings {
  return {
    client,
    address,
    ...(auth !== undefined && { auth }),
    ...(caFile !== undefined && { caFile }),
    ...(certFile !== undefined && { certFile }),
    ...(keyFile !== undefined && { keyFile }),
    lostSec,
    goneSec,
    own,
  };
}
