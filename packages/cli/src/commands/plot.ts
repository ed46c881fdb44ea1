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
  readonly mark: readonly string[];
  readonly width: number | undefined;
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
    .option("mark", {
      type: "string",
      array: true,
      default: [],
      describe: "more directions to mark: NAME=RA,DEC, such as MuEx=154.3,-3.9",
    })
    .option("width", { type: "number", describe: "of PNG pictures, in pixels (default: 1600)" })
    .option("manifest", { type: "string", describe: "the scan's manifest (default: the one beside the result)" });

/** Pictures of a result, full sky and around the best fit. Prints their paths. */
export const resultPlot: Command<PlotArguments> = (args, context) =>
  usingInput(async () => {
    const formats = parseFormats(args.formats);
    const markers = [
      ...(args.truth === undefined ? [] : [{ label: "true direction", ...parseDirection("--truth", args.truth) }]),
      ...args.mark.map(parseMark),
    ];
    checkWidth(args.width);
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
    const written = await writePictures(args.outputDir ?? dirname(args.file), skymap, facts, {
      formats,
      pngWidthPx: args.width,
    });
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

/** `NAME=RA,DEC`. */
function parseMark(text: string): Marker {
  const at = text.lastIndexOf("=");
  if (at < 1) throw new UsageError(`--mark ${text} is not allowed: it takes NAME=RA,DEC, such as MuEx=154.3,-3.9`);
  return { label: text.slice(0, at), ...parseDirection(`--mark ${text.slice(0, at)}`, text.slice(at + 1)) };
}

function checkWidth(width: number | undefined): void {
  if (width !== undefined && !(Number.isInteger(width) && width >= 100 && width <= 10_000))
    throw new UsageError(`--width ${width} is not allowed: it takes a whole number from 100 to 10000`);
}

/** `RA,DEC` in degrees. */
function parseDirection(flag: string, text: string): Omit<Marker, "label"> {
  const [raDeg, decDeg, ...rest] = text.split(",").map((part) => (part.trim() === "" ? NaN : Number(part)));
  const isDirection = rest.length === 0 && Math.abs(decDeg ?? NaN) <= 90 && (raDeg ?? NaN) >= -360 && raDeg! <= 360;
  if (!isDirection)
    throw new UsageError(
      `${flag} ${text} is not allowed: it takes RA,DEC in degrees, RA from -360 to 360 and DEC from -90 to 90, such as 154.3,-3.9`,
    );
  return { raRad: (((raDeg! + 360) % 360) * Math.PI) / 180, decRad: (decDeg! * Math.PI) / 180 };
}
