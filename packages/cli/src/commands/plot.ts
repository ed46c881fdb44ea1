import { dirname } from "node:path";
import type { Argv } from "yargs";
import { UsageError } from "@skyscan/runtime";
import { bestFit, contourLevelsOf, contoursOf, pictureFormats, readSkymapFile, writePictures } from "@skyscan/skymap";
import type { DecConvention, Marker, PictureFormat } from "@skyscan/skymap";
import { usingInput } from "../input-errors.ts";
import { resultFacts } from "../result-facts.ts";
import type { Command } from "../process.ts";

export interface PlotArguments {
  readonly file: string;
  readonly outputDir: string | undefined;
  readonly formats: readonly string[];
  readonly truth: string | undefined;
  readonly manifest: string | undefined;
  readonly decConvention: DecConvention | undefined;
}

export const plotFlags = <T>(yargs: Argv<T>): Argv<T> =>
  yargs
    .option("output-dir", {
      alias: "o",
      type: "string",
      describe: "where the pictures are written (default: beside the result)",
    })
    .option("formats", {
      type: "string",
      array: true,
      default: ["png"],
      describe: `which of ${pictureFormats.join(", ")}, separated by commas or blanks`,
    })
    .option("truth", { type: "string", describe: "true direction to mark: RA,DEC in degrees" })
    .option("manifest", { type: "string", describe: "the scan's manifest (default: the one beside the result)" });

/** Pictures of a result, full sky and around the best fit. Prints their paths. */
export const resultPlot: Command<PlotArguments> = (args, context) =>
  usingInput(async () => {
    const formats = parseFormats(args.formats);
    const markers = args.truth === undefined ? [] : [{ label: "true direction", ...parseDirection(args.truth) }];
    const skymap = await readSkymapFile(args.file);
    const { scanId, reco, calibratedLevels, preliminary } = await resultFacts(args.file, skymap, args.manifest);
    const hasFit = bestFit(skymap, args.decConvention) !== undefined;
    const facts = {
      markers,
      contours: hasFit ? contoursOf(skymap, contourLevelsOf(calibratedLevels), args.decConvention) : [],
      // Without a manifest the result's header is all there is to go by.
      ...(scanId !== "unknown" && { reco: `${reco.name} ${reco.version}`, preliminary }),
      ...(args.decConvention !== undefined && { decConvention: args.decConvention }),
    };
    const written = await writePictures(args.outputDir ?? dirname(args.file), skymap, facts, { formats });
    for (const path of written) context.print(path);
    return 0;
  });

function parseFormats(words: readonly string[]): PictureFormat[] {
  const names = words.flatMap((word) => word.split(",")).filter((name) => name !== "");
  const formats = pictureFormats.filter((format) => names.includes(format));
  const unknown = names.find((name) => !formats.some((format) => format === name));
  if (unknown !== undefined || formats.length === 0)
    throw new UsageError(`--formats ${unknown ?? ""} is not allowed: it takes ${pictureFormats.join(", ")}`);
  return formats;
}

/** `RA,DEC` in degrees. */
function parseDirection(text: string): Omit<Marker, "label"> {
  const [raDeg, decDeg, ...rest] = text.split(",").map((part) => (part.trim() === "" ? NaN : Number(part)));
  const isDirection = rest.length === 0 && Math.abs(decDeg ?? NaN) <= 90 && (raDeg ?? NaN) >= -360 && raDeg! <= 360;
  if (!isDirection)
    throw new UsageError(
      `--truth ${text} is not allowed: it takes RA,DEC in degrees, RA from -360 to 360 and DEC from -90 to 90, such as 154.3,-3.9`,
    );
  return { raRad: (((raDeg! + 360) % 360) * Math.PI) / 180, decRad: (decDeg! * Math.PI) / 180 };
}
