import { mkdtemp, rm } from "node:fs/promises";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import type { Argv } from "yargs";
import { UsageError } from "@skyscan/runtime";
import type { ScanEnd, ScanRequest } from "@skyscan/server";
import { exportResult } from "../export-result.ts";
import { startLocalClients } from "../local-clients.ts";
import type { Command, CommandContext } from "../process.ts";
import { scanRequest, tellEnd } from "./server.ts";
import type { ServerArguments } from "./server.ts";

export interface ScanArguments extends Omit<ServerArguments, "clientStartupJson"> {
  readonly clientStartupJson: string | undefined;
  readonly clients: number;
}

export const scanFlags = <T>(yargs: Argv<T>): Argv<T> =>
  yargs
    .option("client-startup-json", {
      type: "string",
      describe: "startup file, for more clients elsewhere (default: in a temporary directory)",
    })
    .option("clients", {
      type: "number",
      default: availableParallelism(),
      defaultDescription: "cores",
      describe: "local clients, one slot each",
    });

/**
 * A server and local clients in one go. The clients are processes of their own; they end with the scan. They start while the server's code is
 * still being loaded, so that they are ready when it is.
 */
export async function scanHere(request: ScanRequest, clients: number, context: CommandContext): Promise<ScanEnd> {
  const local = startLocalClients({
    startupPath: request.clientStartupJson,
    clients,
    recoPath: request.recoPath,
    container: request.container,
    logger: context.logger,
  });
  let ended = false;
  try {
    const { runServer } = await import("../run-server.ts");
    const end = await runServer(request, context);
    ended = end.status === 0 || end.status === 3 || end.status === 8;
    return end;
  } finally {
    await local.stop(ended);
  }
}

export const scan: Command<ScanArguments> = async (args, context) => {
  if (!Number.isSafeInteger(args.clients) || args.clients < 0)
    throw new UsageError(`--clients ${args.clients} is not allowed: it takes a whole number, 0 or greater`);
  const temporary = args.clientStartupJson === undefined ? await mkdtemp(join(tmpdir(), "skyscan-")) : undefined;
  try {
    const startup = args.clientStartupJson ?? join(temporary!, "client-startup.json");
    const end = await scanHere(scanRequest({ ...args, clientStartupJson: startup }), args.clients, context);
    return tellEnd(await exportResult(end, context.logger), context);
  } finally {
    if (temporary !== undefined) await rm(temporary, { recursive: true, force: true });
  }
};
