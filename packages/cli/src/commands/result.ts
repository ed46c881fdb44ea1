import { writeFile } from "node:fs/promises";
import {
  bestFit,
  compareSkymaps,
  convertSkymapFile,
  diffToJson,
  drawSkymap,
  eventMetadataOf,
  readSkymapFile,
  summarizeSkymap,
} from "@skyscan/skymap";
import type { DecConvention, SkymapComparison } from "@skyscan/skymap";
import { usingInput } from "../input-errors.ts";
import type { Command } from "../process.ts";

interface ShowArguments {
  readonly file: string;
  readonly decConvention: DecConvention | undefined;
  readonly json: boolean;
}

export const resultShow: Command<ShowArguments> = ({ file, decConvention, json }, context) =>
  usingInput(async () => {
    const skymap = await readSkymapFile(file);
    if (json) {
      const nsides = skymap.levels.map((level) => ({
        nside: level.nside,
        pixels: level.columns.index.length,
        complete: level.metadata?.complete,
      }));
      context.print(
        JSON.stringify(
          { event: eventMetadataOf(skymap) ?? null, nsides, bestFit: bestFit(skymap, decConvention) ?? null },
          null,
          2,
        ),
      );
      return 0;
    }
    context.print(summarizeSkymap(skymap, decConvention));
    context.print(drawSkymap(skymap, { ...(decConvention !== undefined && { decConvention }) }));
    return 0;
  });

export const resultCompare: Command<{ readonly a: string; readonly b: string; readonly diff: string | undefined }> = (
  { a, b, diff },
  context,
) =>
  usingInput(async () => {
    const [first, second] = [await readSkymapFile(a), await readSkymapFile(b)];
    const comparison = compareSkymaps(first, second);
    for (const line of describeComparison(comparison)) context.print(line);
    if (diff !== undefined) await writeFile(diff, diffToJson(first, second));
    return comparison.close ? 0 : 1;
  });

function describeComparison(comparison: SkymapComparison): readonly string[] {
  return [
    comparison.equal ? "equal" : comparison.close ? "close" : "different",
    ...comparison.nsidesOnlyInFirst.map((nside) => `nside ${nside}: only in the first`),
    ...comparison.nsidesOnlyInSecond.map((nside) => `nside ${nside}: only in the second`),
    ...comparison.columnsOnlyInOne.map((name) => `column ${name}: only in one of them`),
    ...comparison.nsides.flatMap((level) => [
      `nside ${level.nside}: ${level.shared} pixels in both, ${level.onlyInFirst.length} only in the first, ${level.onlyInSecond.length} only in the second`,
      ...level.fields
        .filter((field) => field.maxAbsolute > 0 || field.differing > 0)
        .map(
          (field) =>
            `  ${field.field}: ${field.differing} pixels beyond the tolerance, at most ${field.maxAbsolute.toPrecision(3)} (relative ${field.maxRelative.toPrecision(3)})`,
        ),
    ]),
  ];
}

export const resultConvert: Command<{ readonly from: string; readonly to: string }> = ({ from, to }, context) =>
  usingInput(async () => {
    context.print(await convertSkymapFile(from, to));
    return 0;
  });
