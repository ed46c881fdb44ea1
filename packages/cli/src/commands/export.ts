import { dirname } from "node:path";
import type { Argv } from "yargs";
import { contourLevelsOf, contoursOf, readSkymapFile, writePictures, writeResultExtras } from "@skyscan/skymap";
import type { DecConvention } from "@skyscan/skymap";
import { UsageError } from "@skyscan/runtime";
import { usingInput } from "../input-errors.ts";
import { resultFacts } from "../result-facts.ts";
import type { Command } from "../process.ts";

export interface ExportArguments {
  readonly file: string;
  readonly outputDir: string | undefined;
  readonly manifest: string | undefined;
  readonly angularErrorFloor: number | undefined;
  readonly flatNside: number | undefined;
  readonly pictures: boolean;
  readonly decConvention: DecConvention | undefined;
}

export const exportFlags = <T>(yargs: Argv<T>): Argv<T> =>
  yargs
    .option("output-dir", { alias: "o", type: "string", describe: "where the files go (default: beside the result)" })
    .option("manifest", { type: "string", describe: "the scan's manifest (default: the one beside the result)" })
    .option("angular-error-floor", {
      type: "number",
      describe: "convolve the probability with a Gaussian of this width, degrees",
    })
    .option("flat-nside", { type: "number", describe: "nside of the flat maps (default: the finest, at most 512)" })
    .option("pictures", { type: "boolean", default: true, describe: "full sky and zoomed, PNG" });

/** FITS maps, MOCs, contours, summary, drafts and pictures of a result; prints their paths. */
export const resultExport: Command<ExportArguments> = (args, context) =>
  usingInput(async () => {
    if (args.angularErrorFloor !== undefined && !(args.angularErrorFloor > 0)) {
      throw new UsageError(
        `--angular-error-floor ${args.angularErrorFloor} is not allowed: it takes a number of degrees greater than 0`,
      );
    }
    const skymap = await readSkymapFile(args.file);
    const facts = {
      ...(await resultFacts(args.file, skymap, args.manifest)),
      ...(args.angularErrorFloor !== undefined && { angularErrorFloorDeg: args.angularErrorFloor }),
      ...(args.flatNside !== undefined && { flatNside: args.flatNside }),
      ...(args.decConvention !== undefined && { decConvention: args.decConvention }),
    };
    const directory = args.outputDir ?? dirname(args.file);
    for (const path of await writeResultExtras(directory, skymap, facts)) context.print(path);
    if (!args.pictures) return 0;
    const pictures = await writePictures(directory, skymap, {
      eventName: facts.eventName,
      reco: `${facts.reco.name} ${facts.reco.version}`,
      contours: contoursOf(skymap, contourLevelsOf(facts.calibratedLevels), args.decConvention),
      preliminary: facts.preliminary,
      ...(args.decConvention !== undefined && { decConvention: args.decConvention }),
    });
    for (const path of pictures) context.print(path);
    return 0;
  });
