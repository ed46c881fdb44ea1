import type { Argv } from "yargs";
import { checkReco, loadRegistry, readManifest, recoPathEntries, runOne } from "@skyscan/recos";
import type { RegisteredReco, Registry } from "@skyscan/recos";
import { parseUnitId } from "@skyscan/protocol";
import { prepareEvent, serverSettingTable } from "@skyscan/server";
import type { PreparedEvent } from "@skyscan/server";
import { UsageError, processEnvironment, readSettings } from "@skyscan/runtime";
import { usingInput } from "../input-errors.ts";
import type { Command, CommandContext } from "../process.ts";

function registryOf(recoPath: readonly string[]): Registry {
  return loadRegistry({ recoPath: recoPathEntries(recoPath, processEnvironment()["SKYSCAN_RECO_PATH"]) });
}

export const recosList: Command<{ readonly name: string | undefined; readonly recoPath: readonly string[] }> = async ({ name, recoPath }, context) => {
  const registry = registryOf(recoPath);
  if (name !== undefined) {
    const reco = await usingInput(() => registry.find(name));
    context.print(JSON.stringify({ directory: reco.dir, manifestSha256: reco.manifestSha256, ...reco.manifest }, null, 2));
    return 0;
  }
  const width = Math.max(0, ...registry.recos.map((reco) => reco.manifest.name.length));
  for (const reco of registry.recos) context.print(line(reco, width));
  for (const { name: hidden, reco, by } of registry.shadowed) context.complain(`${hidden} of ${reco.dir} is hidden by ${by.dir}, which comes first`);
  for (const problem of registry.problems) context.complain(`cannot be used: ${problem}`);
  return 0;
};

const line = ({ manifest, origin }: RegisteredReco, width: number): string => {
  const aliases = manifest.aliases.length > 0 ? ` (also ${manifest.aliases.join(", ")})` : "";
  return `${manifest.name.padEnd(width)}  ${manifest.version.padEnd(8)} ${manifest.run.mode.padEnd(8)} ${origin.padEnd(9)} ${manifest.description}${aliases}`;
};

interface CheckArguments {
  readonly dir: string;
  readonly event: string | undefined;
  readonly geometry: string | undefined;
}

export const recosCheck: Command<CheckArguments> = async (args, context) => {
  const report = await usingInput(async () => {
    const startup = args.event === undefined ? undefined : (await prepare(args.event, readManifest(args.dir).manifest.name, [args.dir], [], args.geometry, context)).startup;
    return checkReco(args.dir, { ...(startup !== undefined && { startup }), logger: context.logger, environment: processEnvironment(), signal: context.signal });
  });
  for (const { verdict, text } of report.lines) context.print(`${verdict.padEnd(8)}${text}`);
  context.print(report.conforms ? "conforms" : "does NOT conform");
  return report.conforms ? 0 : 1;
};

interface RunArguments {
  readonly name: string;
  readonly unit: string;
  readonly event: string;
  readonly geometry: string | undefined;
  readonly recoPath: readonly string[];
  readonly recoOption: readonly string[];
}

export const recosRunFlags = <T>(yargs: Argv<T>): Argv<T> =>
  yargs
    .option("unit", { type: "string", demandOption: true, describe: "nside/pixel/variation" })
    .option("event", { type: "string", demandOption: true, describe: "event file" })
    .option("geometry", { type: "string" })
    .option("reco-option", { type: "string", array: true, default: [], describe: "NAME=VALUE" });

export const recosRun: Command<RunArguments> = async (args, context) => {
  const key = parseUnitId(args.unit);
  if (key === undefined) throw new UsageError(`--unit ${args.unit} is not allowed: it takes nside/pixel/variation, for example 8/340/0`);
  const outcome = await usingInput(async () => {
    const prepared = await prepare(args.event, args.name, args.recoPath, args.recoOption, args.geometry, context);
    return runOne({
      reco: prepared.reco,
      recoOptions: prepared.recoOptions,
      startup: prepared.startup,
      unit: { unit: args.unit, attempt: 1, payload: prepared.payloadOf(key) },
      logger: context.logger,
      environment: processEnvironment(),
      signal: context.signal,
      show: (text) => context.complain(text),
    });
  });
  context.print(JSON.stringify(outcome, null, 2));
  return outcome.kind === "result" ? 0 : 1;
};

function prepare(
  eventFile: string,
  recoAlgo: string,
  recoPath: readonly string[],
  recoOption: readonly string[],
  geometry: string | undefined,
  context: CommandContext,
): Promise<PreparedEvent> {
  const problems: string[] = [];
  const environment = readSettings(serverSettingTable, problems);
  if (problems.length > 0) throw new UsageError(problems);
  const recoOptions = Object.fromEntries(recoOption.map((option) => [option.slice(0, option.indexOf("=")), option.slice(option.indexOf("=") + 1)]));
  const request = { eventFile, recoAlgo, recoOptions, recoPath, geometry, realEvent: undefined, gcdDir: "/opt/i3-data/baseline_gcds" };
  return prepareEvent(request, environment, context.logger);
}
