import { statSync } from "node:fs";
import { userInfo } from "node:os";
import { join, resolve } from "node:path";
import type { Argv } from "yargs";
import {
  batchSystem,
  batchSystems,
  checkRequest,
  durationRule,
  makeFleetDirectory,
  parseMebibytes,
  parseSeconds,
  runCommand,
  shellQuoted,
  sizeRule,
  submitFleet,
  tokenCopyIn,
  writeFleetFiles,
} from "@skyscan/launcher";
import type { BatchSystem, FleetRequest, LaunchContext, Program } from "@skyscan/launcher";
import { UsageError, pause, processEnvironment, writeFileAtomically } from "@skyscan/runtime";
import type { Command, CommandContext } from "../process.ts";
import { program } from "../program.ts";
import { clientArguments } from "../start-clients/client-arguments.ts";
import { forwarded } from "../start-clients/forwarded.ts";
import { scansToServe, tokenFileOfScans, unreachable } from "../start-clients/scans-to-serve.ts";
import { bundle } from "./bundle.ts";
import { clientFlags } from "./client.ts";

export interface StartClientsArguments {
  readonly on: string;
  readonly jobs: number;
  readonly memory: string;
  readonly cpus: number | undefined;
  readonly slotsPerClient: number;
  readonly disk: string;
  readonly timeLimit: string | undefined;
  readonly requirements: string | undefined;
  readonly priority: number | undefined;
  readonly image: string | undefined;
  readonly clientStartupJson: readonly string[];
  readonly waitForStartupSec: number;
  readonly clientArgs: readonly string[];
  readonly clientArgsJson: string | undefined;
  readonly environment: readonly string[];
  readonly bundle: string | undefined;
  readonly logsDirectory: string;
  readonly collector: string | undefined;
  readonly schedd: string | undefined;
  readonly accountingGroup: string | undefined;
  readonly dryrun: boolean;
  readonly submitFileOnly: string | undefined;
}

export const startClientsFlags = <T>(yargs: Argv<T>): Argv<T> =>
  yargs
    .option("on", {
      choices: batchSystems.map(({ name }) => name),
      default: batchSystems[0].name,
      describe: batchSystems.map(({ name, summary }) => `${name}: ${summary}`).join("; "),
    })
    .option("jobs", { type: "number", demandOption: true, describe: "how many clients" })
    .option("memory", { type: "string", default: "4GB", describe: "of each client" })
    .option("cpus", { type: "number", defaultDescription: "--slots-per-client", describe: "cores of each client" })
    .option("slots-per-client", { type: "number", default: 1, describe: "fits at the same time in each client" })
    .option("disk", { type: "string", default: "2GB", describe: "of each client" })
    .option("time-limit", { type: "string", describe: "a client that has run for so long ends: 3600, 90m, 8h, HH:MM:SS" })
    .option("image", {
      alias: "singularity-image",
      type: "string",
      describe: "container image to run in: a path (also below /cvmfs) or docker://…",
    })
    .option("client-startup-json", {
      type: "string",
      array: true,
      default: ["./client-startup.json"],
      describe: "startup file(s) of the server, or a directory of them",
    })
    .option("wait-for-startup-sec", { type: "number", default: 60, describe: "how long to wait for the startup file" })
    .option("client-args", { type: "string", array: true, default: [], describe: "more flags of skyscan client, KEY:VALUE …" })
    .option("client-args-json", { type: "string", describe: "the same as a file: one JSON object" })
    .option("environment", {
      type: "string",
      array: true,
      default: [],
      describe: "NAME[=VALUE] …: more variables for the clients; theirs that are set here go along anyway",
    })
    .option("bundle", {
      type: "string",
      describe: "tarball of skyscan bundle, or an unpacked one that all hosts see (default: one is made)",
    })
    .option("logs-directory", {
      type: "string",
      default: "./logs",
      describe: "a directory skyscan-TIME is made in it for this fleet",
    })
    .option("requirements", { type: "string", describe: "which hosts, in the batch system's own words" })
    .option("priority", { type: "number", describe: "in the batch system's own numbers" })
    .option("accounting-group", { type: "string", describe: "whom the batch system counts it for" })
    .option("collector", { type: "string", describe: "condor: of another pool" })
    .option("schedd", { type: "string", describe: "condor: submit to another schedd" })
    .option("dryrun", { type: "boolean", default: false, describe: "write and print what would be submitted, and stop" })
    .option("submit-file-only", { type: "string", describe: "write what would be submitted to this file, too, and stop" });

export const startClients: Command<StartClientsArguments> = async (args, context) => {
  const system = batchSystem(args.on);
  const asked = await fleetWithDirectory(args, system, context);
  if (asked === undefined) return 5;
  const { request, token } = asked;
  const files = system.write(request);
  const main = await writeFleetFiles(files, request.directory, args.submitFileOnly);
  if (args.dryrun) {
    context.print(files.main.text.trimEnd());
    context.complain(`nothing was submitted; this is ${main}`);
    return 0;
  }
  if (token !== undefined) await writeFileAtomically(tokenCopyIn(request.directory), `${token}\n`, 0o600);
  if (args.bundle === undefined && request.program.kind === "tarball") await makeBundle(request.program.path, context);
  if (args.submitFileOnly !== undefined) {
    context.complain(`nothing was submitted; what it needs is in ${request.directory}`);
    context.print(args.submitFileOnly);
    return 0;
  }
  const { logger, signal, force } = context;
  const launch: LaunchContext = { run: runCommand, logger, signal, force };
  const { said, attended } = await submitFleet(system, request, main, launch);
  context.print(said);
  const words = `skyscan start-clients status ${shellQuoted(request.directory)}`;
  context.complain(`what becomes of them:  ${words}\nto take them away:     ${words.replace(" status ", " stop ")}`);
  return (await attended?.()) ?? 0;
};

interface AskedFor {
  readonly request: FleetRequest;
  readonly token: string | undefined;
}

/** What is asked for, checked, with its directory made; undefined when a signal came first. */
async function fleetWithDirectory(
  args: StartClientsArguments,
  system: BatchSystem,
  context: CommandContext,
): Promise<AskedFor | undefined> {
  while (!context.signal.aborted) {
    const asked = await fleetRequest(args, system, context);
    if (asked === undefined) return undefined;
    checkRequest(system, asked.request);
    if (await makeFleetDirectory(asked.request.directory)) return asked;
    // The second is in its name, and scripts start a fleet for each scan at once.
    await pause(1000, context.signal);
  }
  return undefined;
}

async function fleetRequest(
  args: StartClientsArguments,
  system: BatchSystem,
  context: CommandContext,
): Promise<AskedFor | undefined> {
  const problems: string[] = [];
  const mib = (flag: string, text: string): number => {
    const parsed = parseMebibytes(text);
    if (parsed === undefined) problems.push(`--${flag} ${text} is not allowed: it takes ${sizeRule}`);
    return parsed ?? 1;
  };
  const count = (flag: string, value: number): number => {
    if (!Number.isSafeInteger(value) || value < 1)
      problems.push(`--${flag} ${value} is not allowed: it takes a whole number from 1`);
    return value;
  };
  const timeLimitSec = args.timeLimit === undefined ? undefined : parseSeconds(args.timeLimit);
  if (args.timeLimit !== undefined && timeLimitSec === undefined)
    problems.push(`--time-limit ${args.timeLimit} is not allowed: it takes ${durationRule}`);
  if (args.priority !== undefined && !Number.isSafeInteger(args.priority))
    problems.push(`--priority ${args.priority} is not allowed: it takes a whole number`);
  if (!(args.waitForStartupSec >= 0))
    problems.push(`--wait-for-startup-sec ${args.waitForStartupSec} is not allowed: it takes a number of seconds, 0 or greater`);
  // The predecessor's defaults were empty texts: scripts give them.
  const given = (text: string | undefined): string | undefined => (text === "" ? undefined : text);
  for (const [flag, text] of [
    ["requirements", args.requirements],
    ["accounting-group", given(args.accountingGroup)],
    ["image", args.image],
  ] as const)
    if (text !== undefined && (text.trim() === "" || /\p{Cc}/u.test(text)))
      problems.push(`--${flag} ${JSON.stringify(text)} is not allowed: it takes one line of text`);

  const started = new Date().toISOString().replace(/\.\d+Z$/, "Z");
  const directory = resolve(args.logsDirectory, `skyscan-${started.replaceAll(":", "-")}`);
  const slotsPerClient = count("slots-per-client", args.slotsPerClient);
  const about = {
    started,
    user: userInfo().username,
    directory,
    program: programOf(args.bundle, directory, system, problems),
    jobs: count("jobs", args.jobs),
    slotsPerClient,
    cpus: count("cpus", args.cpus ?? slotsPerClient),
    memoryMib: mib("memory", args.memory),
    diskMib: mib("disk", args.disk),
    timeLimitSec,
    image: args.image,
    requirements: args.requirements,
    priority: args.priority,
    accountingGroup: given(args.accountingGroup),
    collector: given(args.collector),
    schedd: given(args.schedd),
    clientArguments: await clientArguments(args.clientArgs, args.clientArgsJson, clientFlags, problems),
  };
  const { environment, files, token, address } = forwarded(processEnvironment(), args.environment, problems);
  if (problems.length > 0) throw new UsageError(problems);

  const scans = await scansToServe(args.clientStartupJson, args.waitForStartupSec, context);
  if (scans === undefined) return undefined;
  const { found, sources } = scans;
  if (found.every(({ startup }) => startup.ended))
    throw new UsageError(
      `--client-startup-json ${args.clientStartupJson.join(" ")}: the scan has ended already; clients would have nothing to do`,
    );
  if (system.elsewhere) problems.push(...unreachable(found, address));
  const environmentFiles: Record<string, string> = { ...files };
  if (token !== undefined) environmentFiles["SKYSCAN_BROKER_AUTH_FILE"] = tokenCopyIn(directory);
  else if (system.elsewhere && environmentFiles["SKYSCAN_BROKER_AUTH_FILE"] === undefined) {
    const named = await tokenFileOfScans(found, problems);
    if (named !== undefined) environmentFiles["SKYSCAN_BROKER_AUTH_FILE"] = named;
  }
  if (problems.length > 0) throw new UsageError(problems);
  const scanIds = [...new Set(found.map(({ startup }) => startup.scan_id))];
  return { request: { ...about, startup: sources, scanIds, environment, environmentFiles }, token };
}

function programOf(given: string | undefined, directory: string, system: BatchSystem, problems: string[]): Program {
  if (system.runsFrom === "image") {
    if (given !== undefined)
      problems.push(`--bundle ${given} is not allowed with --on ${system.name}: the image has the program`);
    return { kind: "installed", command: ["skyscan"] };
  }
  if (given === undefined) {
    return system.runsFrom === "bundle"
      ? { kind: "tarball", path: join(directory, "skyscan.tar.gz") }
      : { kind: "installed", command: [process.execPath, program] };
  }
  const path = resolve(given);
  const about = statSync(path, { throwIfNoEntry: false });
  if (about?.isFile() === true) return { kind: "tarball", path };
  if (about?.isDirectory() !== true || statSync(join(path, "bin/skyscan"), { throwIfNoEntry: false }) === undefined)
    problems.push(
      `--bundle ${given} is not allowed: it takes a tarball that skyscan bundle wrote, or the directory that it unpacks to`,
    );
  return { kind: "directory", path };
}

async function makeBundle(output: string, context: CommandContext): Promise<void> {
  context.complain("making a bundle (half a minute; --bundle takes one that is there)");
  await bundle({ output, node: true, glibc: "2.28" }, { ...context, print: () => undefined, complain: () => undefined });
}
