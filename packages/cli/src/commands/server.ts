import { resolve } from "node:path";
import type { Argv } from "yargs";
import type { ContainerMode } from "@skyscan/recos";
import type { ScanEnd, ScanRequest } from "@skyscan/server";
import { UsageError } from "@skyscan/runtime";
import { containerFlag } from "../container-flag.ts";
import { gcdDirFlag } from "../gcd-dir-flag.ts";
import { parseOptionWords } from "../option-words.ts";
import type { Command, CommandContext } from "../process.ts";
import { exportResult } from "../export-result.ts";
import { tellStarter } from "../server-news.ts";

/** Flags of `skyscan server`, as yargs gives them. */
export interface ServerArguments {
  readonly eventFile: string;
  readonly recoAlgo: string;
  readonly clientStartupJson: string;
  readonly cacheDir: string;
  readonly outputDir: string;
  readonly gcdDir: string;
  readonly geometry: string | undefined;
  readonly nsides: readonly string[];
  readonly predictiveScanningThreshold: number;
  readonly realEvent: boolean | undefined;
  readonly simulatedEvent: boolean | undefined;
  readonly resume: boolean;
  readonly discard: boolean;
  readonly maxAttempts: number;
  readonly seed: number | undefined;
  readonly recoOption: readonly string[];
  readonly recoPath: readonly string[];
  readonly container: ContainerMode | undefined;
  readonly listen: string;
  readonly tlsCert: string | undefined;
  readonly tlsKey: string | undefined;
  readonly insecure: boolean;
  readonly takeOver: boolean;
  readonly metricsPort: number | undefined;
  readonly metricsHost: string;
}

export const serverFlags = <T>(yargs: Argv<T>): Argv<T> =>
  sharedServerFlags(
    yargs.option("event-file", { alias: "e", type: "string", demandOption: true, describe: "event file (.json or .pkl)" }),
  );

/** All but the event's. */
export const sharedServerFlags = <T>(yargs: Argv<T>): Argv<T> =>
  containerFlag(yargs)
    .option("reco-algo", { type: "string", demandOption: true, describe: "reco, by name or alias (see: skyscan recos)" })
    .option("cache-dir", {
      alias: "c",
      type: "string",
      default: "./skyscan-cache",
      describe: "holds the journal: the same command again resumes",
    })
    .option("output-dir", { alias: "o", type: "string", default: ".", describe: "where results and manifest are written" })
    .option("gcd-dir", gcdDirFlag)
    .option("geometry", {
      type: "string",
      describe: "module positions: icecube86, hexagon:…, or a CSV file (default: by the event)",
    })
    .option("nsides", { type: "string", array: true, default: ["8:0", "64:12", "512:24"], describe: "nside progression, N:X …" })
    .option("predictive-scanning-threshold", {
      type: "number",
      default: 1,
      describe: "refine when this part of an nside is done, 0.1 to 1.0",
    })
    .option("real-event", { type: "boolean", describe: "the event is real (default: decided from the event)" })
    .option("simulated-event", { type: "boolean", describe: "the event is simulated" })
    .option("resume", {
      type: "boolean",
      default: true,
      describe: "go on with an earlier try of the same settings (--no-resume refuses)",
    })
    .option("discard", { type: "boolean", default: false, describe: "set an earlier try aside and start anew" })
    .option("max-attempts", { type: "number", default: 3, describe: "failures of one unit until it is NaN; 0 = for ever" })
    .option("seed", { type: "number", describe: "all that is random follows from it (default: from the settings)" })
    .option("reco-option", { type: "string", array: true, default: [], describe: "NAME=VALUE for the reco" })
    .option("reco-path", { type: "string", array: true, default: [], describe: "directory of recos, before SKYSCAN_RECO_PATH" })
    .option("listen", { type: "string", default: "127.0.0.1:0", describe: "embedded broker: HOST:PORT" })
    .option("tls-cert", { type: "string", describe: "embedded broker: PEM certificate" })
    .option("tls-key", { type: "string", describe: "embedded broker: PEM key" })
    .option("insecure", { type: "boolean", default: false, describe: "embedded broker: off loopback without TLS, on purpose" })
    .option("metrics-port", { type: "number", describe: "serve metrics for Prometheus at this port (0: any free one)" })
    .option("metrics-host", {
      type: "string",
      default: "127.0.0.1",
      describe: "address for --metrics-port; there is no password",
    })
    .option("take-over", { type: "boolean", default: false, describe: "break another host's lock on the scan" });

/** @throws UsageError with every problem. */
export function scanRequest(args: ServerArguments): ScanRequest {
  const problems: string[] = [];
  if (args.realEvent === true && args.simulatedEvent === true)
    problems.push("--real-event and --simulated-event exclude each other: give one of them, or none");
  const listen = /^(.*):(\d{1,5})$/.exec(args.listen);
  if (listen === null || Number(listen[2]) > 65535)
    problems.push(`--listen ${args.listen} is not allowed: it takes HOST:PORT, for example 0.0.0.0:5671 (port 0: any free one)`);
  if ((args.tlsCert === undefined) !== (args.tlsKey === undefined))
    problems.push("--tls-cert and --tls-key go together: give both");
  if (!Number.isSafeInteger(args.maxAttempts) || args.maxAttempts < 0)
    problems.push(`--max-attempts ${args.maxAttempts} is not allowed: it takes a whole number, 0 (for ever) or greater`);
  if (args.seed !== undefined && !Number.isSafeInteger(args.seed))
    problems.push(`--seed ${args.seed} is not allowed: it takes a whole number`);
  const { metricsPort } = args;
  if (metricsPort !== undefined && !(Number.isSafeInteger(metricsPort) && metricsPort >= 0 && metricsPort <= 65535))
    problems.push(`--metrics-port ${metricsPort} is not allowed: it takes a whole number from 0 (any free one) to 65535`);
  const options = parseOptionWords(args.recoOption, problems);
  if (problems.length > 0) throw new UsageError(problems);
  return {
    eventFile: resolve(args.eventFile),
    recoAlgo: args.recoAlgo,
    recoOptions: options,
    recoPath: args.recoPath,
    container: args.container,
    clientStartupJson: resolve(args.clientStartupJson),
    cacheDir: resolve(args.cacheDir),
    outputDir: resolve(args.outputDir),
    gcdDir: args.gcdDir,
    geometry: args.geometry,
    nsides: args.nsides,
    predictiveScanningThreshold: args.predictiveScanningThreshold,
    realEvent: args.realEvent === true ? true : args.simulatedEvent === true ? false : undefined,
    resume: args.resume,
    discard: args.discard,
    maxAttempts: args.maxAttempts,
    seed: args.seed,
    takeOver: args.takeOver,
    metrics: metricsPort === undefined ? undefined : { host: args.metricsHost, port: metricsPort },
    listen: {
      host: (listen?.[1] ?? "").replace(/^\[|\]$/g, ""),
      port: Number(listen?.[2]),
      tlsCertFile: args.tlsCert,
      tlsKeyFile: args.tlsKey,
      insecure: args.insecure,
    },
  };
}

/** Where the results are, or what went wrong. */
export function tellEnd(end: ScanEnd, context: CommandContext): number {
  if (end.status === 0) for (const file of end.files) context.print(file);
  else {
    context.complain(end.why);
    for (const file of end.files) context.complain(`written: ${file}`);
  }
  return end.status;
}

export const server: Command<ServerArguments> = async (args, context) => {
  const request = scanRequest(args);
  const { runServer } = await import("../run-server.ts");
  const end = await exportResult(await runServer(request, context), context.logger);
  await tellStarter({ end });
  return tellEnd(end, context);
};
