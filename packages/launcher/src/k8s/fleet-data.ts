import { readFile } from "node:fs/promises";
import { UsageError, codeOf } from "@skyscan/runtime";
import type { FleetRequest } from "../request.ts";
import { fleetLabel, fleetName, startupKeys } from "./manifest.ts";

/** A ConfigMap or a Secret holds no more, bytes. */
const mostBytes = 1024 * 1024;

/** Who owns it: it goes when that goes. */
export interface Owner {
  readonly uid: string;
}

/**
 * ConfigMap with the startup files, and Secret with the token and certificates, as what `kubectl create -f -` reads. Holds secrets: for a pipe
 * alone. @throws UsageError when a file cannot be read or is too large.
 */
export async function fleetData(request: FleetRequest, { uid }: Owner): Promise<string> {
  const keys = startupKeys(request);
  const startup = await Promise.all(request.startup.map(async ({ path }, index) => [keys[index]!, await content(path)] as const));
  const files = await Promise.all(
    Object.entries(request.environmentFiles).map(async ([name, path]) => [name, await content(path)] as const),
  );
  for (const [what, list] of [
    ["startup files", startup],
    ["certificates and the token", files],
  ] as const) {
    const bytes = list.reduce((sum, [, one]) => sum + one.length, 0);
    if (bytes > mostBytes) throw new UsageError(`${what} have ${bytes} bytes: Kubernetes hands at most ${mostBytes} to a pod`);
  }
  const name = fleetName(request);
  const metadata = {
    name,
    labels: { [fleetLabel]: name },
    ownerReferences: [{ apiVersion: "batch/v1", kind: "Job", name, uid }],
  };
  const base64 = (list: readonly (readonly [string, Buffer])[]): Readonly<Record<string, string>> =>
    Object.fromEntries(list.map(([key, bytes]) => [key, bytes.toString("base64")]));
  return JSON.stringify({
    apiVersion: "v1",
    kind: "List",
    items: [
      { apiVersion: "v1", kind: "ConfigMap", metadata, binaryData: base64(startup) },
      ...(files.length === 0 ? [] : [{ apiVersion: "v1", kind: "Secret", metadata, type: "Opaque", data: base64(files) }]),
    ],
  });
}

async function content(path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (error) {
    throw new UsageError(`${path} cannot be read (${codeOf(error) ?? "?"})`, { cause: error });
  }
}
