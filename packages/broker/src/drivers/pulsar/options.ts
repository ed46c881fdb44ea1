import { hostAndPort, parseAddress } from "../../address.ts";
import { ownSettings } from "../../connection-settings.ts";
import type { ConnectionSettings } from "../../connection-settings.ts";
import { BrokerError } from "../../errors.ts";
import { readTlsFiles } from "../../tls-files.ts";
import type { TlsFiles } from "../../tls-files.ts";
import { pulsarSettingTable } from "./settings.ts";

export interface PulsarOptions {
  readonly transport: "websocket" | "binary";
  /** `http://localhost:8080`: the web service, which has the REST API and, where it is on, the WebSocket API. */
  readonly web: string;
  /** `pulsar://localhost:6650`: for the binary transport. */
  readonly service: string;
  /** `localhost:8080/public/default`: no secrets. */
  readonly where: string;
  readonly tenant: string;
  readonly namespace: string;
  readonly token: string | undefined;
  readonly tls: TlsFiles;
  /** Path of the authority's PEM file, for the binary client. */
  readonly caFile: string | undefined;
  readonly holdSec: number;
  readonly pingSec: number;
}

interface Scheme {
  readonly transport: PulsarOptions["transport"];
  readonly secure: boolean;
  readonly port: number;
}

const binary: Scheme = { transport: "binary", secure: false, port: 6650 };
const websocket: Scheme = { transport: "websocket", secure: false, port: 8080 };
const websocketTls: Scheme = { transport: "websocket", secure: true, port: 8443 };

const schemes: Readonly<Record<string, Scheme>> = {
  pulsar: binary,
  "pulsar+ssl": { transport: "binary", secure: true, port: 6651 },
  ws: websocket,
  http: websocket,
  wss: websocketTls,
  https: websocketTls,
};

function tenantAndNamespace(path: string | undefined): { readonly tenant: string; readonly namespace: string } {
  if (path === undefined) return { tenant: "public", namespace: "default" };
  const parts = path.split("/");
  const [tenant = "", namespace = ""] = parts;
  if (parts.length !== 2 || tenant === "" || namespace === "")
    throw new BrokerError(
      "bad-address",
      `What stands behind the host of a Pulsar address is TENANT/NAMESPACE, not "${path}"; without it that is public/default.`,
    );
  return { tenant, namespace };
}

/**
 * How to dial, from the settings. `binaryLoads`: whether a bare host means the binary protocol.
 * @throws BrokerError `bad-address`.
 */
export async function pulsarOptions(settings: ConnectionSettings, binaryLoads: () => Promise<boolean>): Promise<PulsarOptions> {
  const address = parseAddress(settings.address);
  const scheme = address.scheme === undefined ? ((await binaryLoads()) ? binary : websocket) : schemes[address.scheme];
  if (scheme === undefined)
    throw new BrokerError(
      "bad-address",
      `Pulsar is not spoken to by ${address.scheme}://; allowed are ws://, wss:// (or http://, https://), pulsar:// and pulsar+ssl://.`,
    );
  const { transport, secure } = scheme;
  const { host, port = scheme.port, password, vhost } = address;
  const { holdSec, pingSec, webAddress } = ownSettings(pulsarSettingTable, settings);
  // The client of Pulsar's WebSocket service refuses less.
  if (holdSec < 1) throw new BrokerError("bad-address", "PULSAR_UNACKED_MESSAGES_TIMEOUT_SEC must be at least 1 second.");
  const { tenant, namespace } = tenantAndNamespace(vhost);
  const at = hostAndPort(host, port);
  const webScheme = secure ? "https" : "http";
  return {
    transport,
    web:
      transport === "websocket"
        ? `${webScheme}://${at}`
        : (webAddress?.replace(/\/+$/, "") ?? `${webScheme}://${hostAndPort(host, secure ? 8443 : 8080)}`),
    service: `${secure ? "pulsar+ssl" : "pulsar"}://${at}`,
    where: `${at}/${tenant}/${namespace}`,
    tenant,
    namespace,
    token: settings.auth ?? password,
    tls: secure ? await readTlsFiles(settings) : {},
    caFile: settings.caFile,
    holdSec,
    pingSec,
  };
}
