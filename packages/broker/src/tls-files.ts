import { readFile } from "node:fs/promises";
import { BrokerError } from "./errors.ts";
import type { ConnectionSettings } from "./connection-settings.ts";

/** What a connection shows and trusts; absent: nothing, and the system's authorities. */
export interface TlsFiles {
  readonly ca?: Buffer;
  readonly cert?: Buffer;
  readonly key?: Buffer;
}

async function pem(file: string | undefined, variable: string): Promise<Buffer | undefined> {
  if (file === undefined) return undefined;
  try {
    return await readFile(file);
  } catch (error) {
    throw new BrokerError("bad-address", `${variable} names ${file}, which cannot be read.`, { cause: error });
  }
}

/** Reads the files that the settings name. @throws BrokerError `bad-address`. */
export async function readTlsFiles(settings: ConnectionSettings): Promise<TlsFiles> {
  const [ca, cert, key] = await Promise.all([
    pem(settings.caFile, "SKYSCAN_BROKER_CA_FILE"),
    pem(settings.certFile, "SKYSCAN_BROKER_CERT_FILE"),
    pem(settings.keyFile, "SKYSCAN_BROKER_KEY_FILE"),
  ]);
  return { ...(ca && { ca }), ...(cert && { cert }), ...(key && { key }) };
}
