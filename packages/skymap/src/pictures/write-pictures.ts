import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { bestFit } from "../regions/best-fit.ts";
import { contoursOf, wilksLevels } from "../regions/contours.ts";
import { removeShorterNamed, skymapBaseName } from "../files/files.ts";
import { eventNameOf } from "../result/metadata.ts";
import { eventMetadataOf, type Skymap } from "../result/skymap.ts";
import { writeAtomically } from "../files/write-atomically.ts";
import { drawFullSky } from "./full-sky.ts";
import { titleLinesOf, type EventFacts, type PictureOptions } from "./picture-options.ts";
import { renderPdf } from "./render-pdf.ts";
import { renderPng } from "./render-png.ts";
import { drawZoomed } from "./zoomed.ts";

/** Formats of pictures: their file name endings. */
export const pictureFormats = ["png", "svg", "pdf"] as const;
export type PictureFormat = (typeof pictureFormats)[number];

/** What is written of a result: its event and the reco, and what else is to be on the pictures. */
export interface PictureFacts extends EventFacts, PictureOptions {}

/** How pictures are written. */
export interface WriteOptions {
  /** Default: PNG only. */
  readonly formats?: readonly PictureFormat[];
  /** Default: that of {@link renderPng}. */
  readonly pngWidthPx?: number | undefined;
}

/**
 * Writes `<event>_<nsides>.fullsky.<format>` and, if a fit succeeded, `<event>_<nsides>.zoomed.<format>` into a directory (made when it is
 * not there), each by temporary name, fsync and rename; then removes the pictures of the same event whose names have only some of these nsides.
 * Contours are those of Wilks' theorem unless given. Results without header and without `eventName` are named `unknown`.
 * @returns the paths written, full sky first
 * @throws SkymapError `convention`; `empty` without any nside; `unavailable` as {@link renderPng} and {@link renderPdf}; `write`
 */
export async function writePictures(
  directory: string,
  skymap: Skymap,
  facts: PictureFacts = {},
  { formats = ["png"], pngWidthPx }: WriteOptions = {},
): Promise<readonly string[]> {
  const metadata = eventMetadataOf(skymap);
  const eventName = facts.eventName ?? (metadata === undefined ? "unknown" : eventNameOf(metadata));
  const name = skymapBaseName(eventName, skymap);
  const hasBest = bestFit(skymap, facts.decConvention) !== undefined;
  const options: PictureOptions = {
    ...facts,
    titleLines: facts.titleLines ?? titleLinesOf(skymap, facts),
    contours: facts.contours ?? (hasBest ? contoursOf(skymap, wilksLevels, facts.decConvention) : []),
  };
  const pictures = [
    { kind: "fullsky", svg: drawFullSky(skymap, options) },
    ...(hasBest ? [{ kind: "zoomed", svg: drawZoomed(skymap, options) }] : []),
  ];
  await mkdir(directory, { recursive: true });
  const written: string[] = [];
  for (const { kind, svg } of pictures) {
    for (const format of formats) {
      const path = join(directory, `${name}.${kind}.${format}`);
      await writeAtomically(path, await encode(svg, format, pngWidthPx));
      written.push(path);
    }
  }
  const nsides = skymap.levels.map((level) => level.nside);
  const endings = pictures.flatMap(({ kind }) => formats.map((format) => `${kind}.${format}`));
  await removeShorterNamed(directory, eventName, nsides, endings);
  return written;
}

async function encode(svg: string, format: PictureFormat, pngWidthPx: number | undefined): Promise<Uint8Array> {
  switch (format) {
    case "png":
      return renderPng(svg, pngWidthPx);
    case "pdf":
      return renderPdf(svg);
    case "svg":
      return new TextEncoder().encode(svg);
  }
}
