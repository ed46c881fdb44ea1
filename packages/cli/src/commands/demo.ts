import { rm } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { join, relative, resolve } from "node:path";
import type { Argv } from "yargs";
import { skyDistance } from "@skyscan/healpix";
import { writeEventFile } from "@skyscan/icecube";
import { simulateTrack } from "@skyscan/simulation";
import { bestFit, drawSkymap, readSkymapFile, writePictures } from "@skyscan/skymap";
import type { Marker, Skymap } from "@skyscan/skymap";
import { UsageError, makeDirectory, messageOf } from "@skyscan/runtime";
import { gcdDirFlag } from "../gcd-dir-flag.ts";
import { scanHere } from "./scan.ts";
import { scanRequest, tellEnd } from "./server.ts";
import type { Command, CommandContext } from "../process.ts";

export interface DemoArguments {
  readonly outputDir: string;
  readonly seed: number;
  readonly nsides: readonly string[];
  readonly clients: number;
}

export const demoFlags = <T>(yargs: Argv<T>): Argv<T> =>
  yargs
    .option("output-dir", { alias: "o", type: "string", default: "./skyscan-demo", describe: "where event and map are written" })
    .option("seed", { type: "number", default: 1, describe: "which event is simulated" })
    .option("nsides", { type: "string", array: true, default: ["8:0", "64:12", "512:24"], describe: "nside progression" })
    .option("clients", {
      type: "number",
      default: availableParallelism(),
      defaultDescription: "cores",
      describe: "local clients",
    });

const degrees = (radians: number): string => ((radians * 180) / Math.PI).toFixed(3);

/** A simulated track, scanned on this machine from event file to map: the road that a real event goes. */
export const demo: Command<DemoArguments> = async (args, context) => {
  if (!Number.isSafeInteger(args.seed) || args.seed < 0)
    throw new UsageError(`--seed ${args.seed} is not allowed: it takes a whole number, 0 or greater`);
  const directory = resolve(args.outputDir);
  const eventFile = join(directory, `simulated-${args.seed}.json`);
  const cacheDir = join(directory, "cache");
  const { event, truth, signalDoms } = simulateTrack({ seed: args.seed });
  await makeDirectory(directory);
  await writeEventFile(eventFile, event);
  context.complain(`A simulated muon track that lights ${signalDoms} modules: ${eventFile}`);
  context.complain(`Scanning the sky with ${args.clients} local clients …`);
  // Every demo is a scan from its beginning.
  await rm(cacheDir, { recursive: true, force: true });
  const request = scanRequest({
    eventFile,
    recoAlgo: "pandel_spe",
    clientStartupJson: join(directory, "client-startup.json"),
    cacheDir,
    outputDir: directory,
    gcdDir: gcdDirFlag.default,
    geometry: undefined,
    nsides: args.nsides,
    predictiveScanningThreshold: 1,
    realEvent: undefined,
    simulatedEvent: true,
    resume: true,
    discard: false,
    maxAttempts: 3,
    seed: undefined,
    recoOption: [],
    container: undefined,
    recoPath: [],
    listen: "127.0.0.1:0",
    tlsCert: undefined,
    tlsKey: undefined,
    insecure: false,
    takeOver: false,
    metricsPort: undefined,
    metricsHost: "127.0.0.1",
  });
  const startedMs = Date.now();
  const end = await scanHere(request, args.clients, context);
  const npz = end.files.find((file) => file.endsWith(".npz"));
  if (end.status !== 0 || npz === undefined) return tellEnd(end, context);
  const skymap = await readSkymapFile(npz);
  const best = bestFit(skymap);
  if (best === undefined) return tellEnd(end, context);
  const off = skyDistance({ raRad: best.raRad, decRad: best.decRad }, { raRad: truth.raRad, decRad: truth.decRad });
  context.print(drawSkymap(skymap));
  context.print(`skymap     ${relative(process.cwd(), npz)}`);
  context.print(
    `best fit   RA ${degrees(best.raRad)} deg, dec ${degrees(best.decRad)} deg, llh ${best.llh.toFixed(3)} (nside ${best.nside}, pixel ${best.pixel})`,
  );
  context.print(`truth      RA ${degrees(truth.raRad)} deg, dec ${degrees(truth.decRad)} deg`);
  context.print(`distance   ${degrees(off)} deg, after ${((Date.now() - startedMs) / 1000).toFixed(1)} s`);
  const pictures = await draw(directory, skymap, { label: "true direction", raRad: truth.raRad, decRad: truth.decRad }, context);
  if (pictures !== undefined) context.print(`picture    ${relative(process.cwd(), pictures)}`);
  context.print("your own   npx skyscan scan --event-file EVENT.json --reco-algo pandel_spe --nsides 8:0 64:12 512:24");
  return 0;
};

/** Writes the pictures beside the map; path of the zoomed one. The demo is about the scan: a machine that cannot draw is no reason to fail. */
async function draw(directory: string, skymap: Skymap, marker: Marker, context: CommandContext): Promise<string | undefined> {
  try {
    const written = await writePictures(directory, skymap, { reco: "pandel_spe", markers: [marker] });
    return written.at(-1);
  } catch (error) {
    context.complain(`No picture: ${messageOf(error)}`);
    return undefined;
  }
}
