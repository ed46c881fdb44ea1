import { join, relative, resolve } from "node:path";
import type { Argv } from "yargs";
import { eventName, loadGeometry, writeEventFile } from "@skyscan/icecube";
import type { Geometry } from "@skyscan/icecube";
import { UsageError, makeDirectory, messageOf, writeFileAtomically } from "@skyscan/runtime";
import { iceNames, simulateCascade, simulateTrack } from "@skyscan/simulation";
import type { EventKind, IceName, SimulatedEvent } from "@skyscan/simulation";
import { usingInput } from "../input-errors.ts";
import type { Command } from "../process.ts";

export interface SimulateArguments {
  readonly events: number;
  readonly kind: EventKind;
  readonly seed: number;
  readonly geometry: string;
  readonly ice: IceName;
  readonly outputDir: string;
  readonly minModules: number;
  readonly brightness: number | undefined;
}

const kinds: readonly EventKind[] = ["track", "cascade"];

export const simulateFlags = <T>(yargs: Argv<T>): Argv<T> =>
  yargs
    .option("events", { alias: "n", type: "number", default: 1, describe: "how many; their seeds are seed, seed + 1, …" })
    .option("kind", { choices: kinds, default: "track" as const, describe: "a muon through the detector, or a shower inside it" })
    .option("seed", { type: "number", default: 1, describe: "of the first event; an event follows from its seed, to the byte" })
    .option("geometry", { type: "string", default: "icecube86", describe: "icecube86, hexagon, or a CSV file: string,om,x,y,z" })
    .option("ice", {
      choices: iceNames,
      default: "model" as const,
      describe: "the ice that the pandel recos assume, or one that scatters and absorbs otherwise by 10 %",
    })
    .option("min-modules", { type: "number", default: 60, describe: "events that light fewer are drawn again" })
    .option("brightness", { type: "number", describe: "light of the particle (default: 40 for a track, 5000 for a cascade)" })
    .option("output-dir", {
      alias: "o",
      type: "string",
      default: "./skyscan-events",
      describe: "where the files go; made if missing",
    });

/** Writes event files, and what really happened in each beside it: `NAME.json` and `NAME.truth.json`. */
export const simulate: Command<SimulateArguments> = async (args, context) => {
  checkNumbers(args);
  const directory = resolve(args.outputDir);
  const geometry = await usingInput(() => loadGeometry(args.geometry));
  try {
    await makeDirectory(directory);
  } catch (error) {
    throw new UsageError(`--output-dir ${args.outputDir} cannot be made: ${messageOf(error)}`, { cause: error });
  }
  let last = "";
  for (let seed = args.seed; seed < args.seed + args.events; seed++) {
    if (context.signal.aborted) return 5;
    last = await usingInput(() => writeOne(args, seed, geometry, directory));
    context.print(relative(process.cwd(), last));
  }
  const more = geometry.name === "table" ? ` --geometry ${args.geometry}` : "";
  context.complain(
    `${args.events} event(s) in ${directory}, the truth of each in its .truth.json. Next: ` +
      `skyscan scan --event-file ${relative(process.cwd(), last)} --reco-algo pandel${more}`,
  );
  return 0;
};

/** Whole events come from whole seeds. @throws UsageError with every problem */
function checkNumbers({ events, seed, minModules, brightness }: SimulateArguments): void {
  const problems: string[] = [];
  const whole = (name: string, value: number, least: number, limit: number): void => {
    if (!Number.isInteger(value) || value < least || value > limit)
      problems.push(`--${name} ${value} is not allowed: it takes a whole number from ${least} to ${limit}`);
  };
  whole("events", events, 1, 1_000_000);
  whole("seed", seed, 0, 2 ** 32 - 1);
  whole("min-modules", minModules, 1, 1_000_000);
  if (problems.length === 0 && seed + events > 2 ** 32)
    problems.push(`--seed ${seed} with --events ${events}: the last seed would be above ${2 ** 32 - 1}`);
  if (brightness !== undefined && !(brightness > 0 && brightness < 1e9))
    problems.push(`--brightness ${brightness} is not allowed: it takes a number above 0`);
  if (problems.length > 0) throw new UsageError(problems);
}

async function writeOne(args: SimulateArguments, seed: number, geometry: Geometry, directory: string): Promise<string> {
  const simulated = (args.kind === "track" ? simulateTrack : simulateCascade)({
    seed,
    geometry,
    ice: args.ice,
    minSignalDoms: args.minModules,
    ...(args.brightness !== undefined && { brightness: args.brightness }),
  });
  const name = `simulated-${args.kind}-${args.ice === "model" ? "" : `${args.ice}-`}${seed}`;
  const path = join(directory, `${name}.json`);
  // The truth goes first: where there is an event, there is its truth.
  await writeTruth(join(directory, `${name}.truth.json`), simulated, args.geometry);
  await writeEventFile(path, simulated.event);
  return path;
}

const degrees = (radians: number): number => (radians * 180) / Math.PI;

async function writeTruth(path: string, { event, truth, signalDoms }: SimulatedEvent, geometry: string): Promise<void> {
  const content = {
    event: eventName(event),
    kind: truth.kind,
    ice: truth.ice,
    seed: truth.seed,
    geometry,
    raDeg: degrees(truth.raRad),
    decDeg: degrees(truth.decRad),
    raRad: truth.raRad,
    decRad: truth.decRad,
    zenithDeg: degrees(truth.zenithRad),
    azimuthDeg: degrees(truth.azimuthRad),
    zenithRad: truth.zenithRad,
    azimuthRad: truth.azimuthRad,
    vertex: truth.vertex,
    timeNs: truth.timeNs,
    mjd: truth.mjd,
    signalModules: signalDoms,
  };
  try {
    await writeFileAtomically(path, `${JSON.stringify(content, null, 2)}\n`);
  } catch (error) {
    throw new UsageError(`cannot write ${path}: ${messageOf(error)}`, { cause: error });
  }
}
