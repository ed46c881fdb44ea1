import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Argv } from "yargs";
import { containerSettingTable } from "@skyscan/recos/settings";
import {
  checkReco,
  createImages,
  gcdPlaces,
  loadRegistry,
  readManifest,
  recoPathEntries,
  recoVariants,
  resourcesDirectory,
  runOne,
  showingObserver,
} from "@skyscan/recos";
import type { ContainerMode, GcdPlaces, Images, RegisteredReco, Registry, RunnerUnit } from "@skyscan/recos";
import { formatUnitId, parseUnitId } from "@skyscan/protocol";
import type { UnitId } from "@skyscan/protocol";
import { prepareEvent } from "@skyscan/server";
import { serverSettingTable } from "@skyscan/server/settings";
import type { PreparedEvent } from "@skyscan/server";
import { UsageError, processEnvironment, readSettings } from "@skyscan/runtime";
import { containerFlag } from "../container-flag.ts";
import { usingInput } from "../input-errors.ts";
import { gcdDirFlag } from "../gcd-dir-flag.ts";
import { parseOptionWords } from "../option-words.ts";
import type { Command, CommandContext } from "../process.ts";

function registryOf(recoPath: readonly string[]): Registry {
  return loadRegistry({ recoPath: recoPathEntries(recoPath, processEnvironment()["SKYSCAN_RECO_PATH"]) });
}

export const recosList: Command<{ readonly name: string | undefined; readonly recoPath: readonly string[] }> = async (
  { name, recoPath },
  context,
) => {
  const registry = registryOf(recoPath);
  if (name !== undefined) {
    const reco = await usingInput(() => registry.find(name));
    context.print(JSON.stringify({ directory: reco.dir, manifestSha256: reco.manifestSha256, ...reco.manifest }, null, 2));
    return 0;
  }
  const width = Math.max(0, ...registry.recos.map((reco) => reco.manifest.name.length));
  for (const reco of registry.recos) context.print(line(reco, width));
  for (const { directory, names } of recoVariants(resourcesDirectory))
    context.print(`run in another way with --reco-path ${directory}: ${names.join(", ")}`);
  for (const { name: hidden, reco, by } of registry.shadowed)
    context.complain(`${hidden} of ${reco.dir} is hidden by ${by.dir}, which comes first`);
  for (const problem of registry.problems) context.complain(`cannot be used: ${problem}`);
  return 0;
};

const line = ({ manifest, origin }: RegisteredReco, width: number): string => {
  const aliases = manifest.aliases.length > 0 ? ` (also ${manifest.aliases.join(", ")})` : "";
  return `${manifest.name.padEnd(width)}  ${manifest.version.padEnd(11)} ${manifest.run.mode.padEnd(8)} ${origin.padEnd(9)} ${manifest.description}${aliases}`;
};

/** What both ways of trying a reco take. */
interface TryArguments {
  readonly geometry: string | undefined;
  readonly gcdDir: string;
  readonly container: ContainerMode | undefined;
}

const tryFlags = <T>(yargs: Argv<T>): Argv<T> =>
  containerFlag(yargs).option("geometry", { type: "string" }).option("gcd-dir", gcdDirFlag);

interface CheckArguments extends TryArguments {
  readonly dir: string;
  readonly event: string | undefined;
}

export const recosCheckFlags = <T>(yargs: Argv<T>): Argv<T> =>
  tryFlags(yargs)
    .positional("dir", { type: "string", demandOption: true })
    .option("event", { type: "string", describe: "event file for the startup file" });

/** As a server and a client would run recos with these flags and this environment. @throws UsageError */
function containers(
  flag: ContainerMode | undefined,
  { logger }: CommandContext,
): { readonly container: ContainerMode | undefined; readonly pullAlways: boolean; readonly images: Images } {
  const problems: string[] = [];
  const { container, pullAlways } = readSettings(containerSettingTable, problems);
  if (problems.length > 0) throw new UsageError(problems);
  return {
    container: flag ?? container,
    pullAlways,
    images: createImages({ pullAlways, environment: processEnvironment(), logger }),
  };
}

export const recosCheck: Command<CheckArguments> = (args, context) =>
  inScratch(async (scratchDir) => {
    // A manifest that is wrong is a finding; a directory that is no reco at all is a slip of the keyboard.
    if (!existsSync(join(args.dir, "reco.json")))
      throw new UsageError(`${args.dir} is not allowed: there is no reco.json in it; give the directory of a reco`);
    const prepared =
      args.event === undefined
        ? undefined
        : await prepare(
            {
              ...args,
              event: args.event,
              name: (await usingInput(() => readManifest(args.dir))).manifest.name,
              recoPath: [args.dir],
              recoOption: [],
            },
            scratchDir,
            context,
          );
    const report = await checkReco(args.dir, {
      ...containers(args.container, context),
      scratchDir,
      gcd: gcdIn(scratchDir, args.gcdDir),
      logger: context.logger,
      environment: processEnvironment(),
      signal: context.signal,
      onLine: ({ status, rule, detail }) =>
        context.print(`${status.padEnd(8)} ${rule}${detail === undefined ? "" : `: ${detail}`}`),
      ...(prepared !== undefined && { startup: prepared.startup, units: checkUnits.map((key) => unitOf(prepared, key)) }),
    });
    context.print(report.conforms ? "conforms" : "does NOT conform");
    return report.conforms ? 0 : 1;
  });

/** Directions all over the sky. */
const checkUnits = [0, 4, 7, 11].map((pixel) => ({ nside: 1, pixel, posvar: 0 }));

const unitOf = (prepared: PreparedEvent, key: UnitId): RunnerUnit => ({
  unit: formatUnitId(key.nside, key.pixel, key.posvar),
  attempt: 1,
  payload: prepared.payloadOf(key),
});

/** As a client looks for baseline GCD files. */
const gcdIn = (scratchDir: string, gcdDir: string): GcdPlaces =>
  gcdPlaces(readSettings(serverSettingTable, []), { first: [gcdDir], staging: join(scratchDir, "baseline-gcd") });

async function inScratch<T>(use: (scratchDir: string) => Promise<T>): Promise<T> {
  const scratchDir = await mkdtemp(join(tmpdir(), "skyscan-"));
  try {
    return await usingInput(() => use(scratchDir));
  } finally {
    await rm(scratchDir, { recursive: true, force: true });
  }
}

/** A reco and an event. */
interface Tried extends TryArguments {
  readonly name: string;
  readonly event: string;
  readonly recoPath: readonly string[];
  readonly recoOption: readonly string[];
}

interface RunArguments extends Tried {
  readonly unit: string;
}

export const recosRunFlags = <T>(yargs: Argv<T>): Argv<T> =>
  tryFlags(yargs)
    .option("unit", { type: "string", demandOption: true, describe: "nside/pixel/variation" })
    .option("event", { type: "string", demandOption: true, describe: "event file" })
    .option("reco-option", { type: "string", array: true, default: [], describe: "NAME=VALUE" });

export const recosRun: Command<RunArguments> = (args, context) =>
  inScratch(async (scratchDir) => {
    const key = parseUnitId(args.unit);
    if (key === undefined)
      throw new UsageError(`--unit ${args.unit} is not allowed: it takes nside/pixel/variation, for example 8/340/0`);
    const prepared = await prepare(args, scratchDir, context);
    const outcome = await runOne({
      ...containers(args.container, context),
      reco: prepared.reco,
      recoOptions: prepared.recoOptions,
      startup: prepared.startup,
      unit: unitOf(prepared, key),
      scratchDir,
      gcd: gcdIn(scratchDir, args.gcdDir),
      logger: context.logger,
      environment: processEnvironment(),
      signal: context.signal,
      observer: showingObserver((line) => context.complain(line)),
    });
    context.print(JSON.stringify(outcome, null, 2));
    return outcome.kind === "result" ? 0 : 1;
  });

function prepare(tried: Tried, scratchDir: string, context: CommandContext): Promise<PreparedEvent> {
  const problems: string[] = [];
  const environment = readSettings(serverSettingTable, problems);
  const recoOptions = parseOptionWords(tried.recoOption, problems);
  if (problems.length > 0) throw new UsageError(problems);
  const { container, pullAlways } = containers(tried.container, context);
  const request = {
    eventFile: tried.event,
    recoAlgo: tried.name,
    recoOptions,
    recoPath: tried.recoPath,
    geometry: tried.geometry,
    realEvent: undefined,
    cacheDir: scratchDir,
    gcdDir: tried.gcdDir,
    container,
    pullAlways,
  };
  return prepareEvent(request, environment, context.logger, context.signal);
}
