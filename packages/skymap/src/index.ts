export { bestFit, bestPixel, llhAt } from "./best-fit.ts";
export type { BestFit, BestPixel, LlhAt } from "./best-fit.ts";
export { columnsOf, columnTable, versionOf } from "./columns.ts";
export type { Column, ColumnName, ColumnValues, FormatVersion, LevelColumns } from "./columns.ts";
export { absoluteTolerance, compareSkymaps, diffToJson } from "./compare.ts";
export type { CompareOptions, FieldComparison, NsideComparison, SkymapComparison } from "./compare.ts";
export { contourLevelsOf, contoursOf, wilksLevels } from "./contours.ts";
export type { Contour, ContourLevels, ContourMethod } from "./contours.ts";
export { decConventionOf, pixelAt, pixelDirection } from "./direction.ts";
export type { DecConvention } from "./direction.ts";
export { SkymapError } from "./errors.ts";
export type { SkymapErrorCode } from "./errors.ts";
export {
  convertSkymapFile,
  encodeSkymap,
  formatOfName,
  readSkymapFile,
  removeShorterNamed,
  skymapBaseName,
  writeSkymapFiles,
} from "./files.ts";
export type { SkymapFormat, WrittenFiles } from "./files.ts";
export { findingsOf } from "./findings.ts";
export type { Findings, MeasuredContour, ResultFacts } from "./findings.ts";
export { flatMapOf } from "./flat-map.ts";
export type { FlatMap } from "./flat-map.ts";
export { gcnSchema } from "./gcn.ts";
export { decodeJson, encodeJson, nanText } from "./json.ts";
export { defaultMaxBytes } from "./limits.ts";
export { eventNameOf, noEventType } from "./metadata.ts";
export type { LevelMetadata } from "./metadata.ts";
export { decodeNpz, encodeNpz } from "./npz.ts";
export { drawSkymap } from "./picture.ts";
export type { DrawOptions } from "./picture.ts";
export { drawFullSky } from "./pictures/full-sky.ts";
export type { FullSkyOptions } from "./pictures/full-sky.ts";
export { titleLinesOf } from "./pictures/picture-options.ts";
export type { EventFacts, Marker, PictureOptions } from "./pictures/picture-options.ts";
export { renderPdf } from "./pictures/render-pdf.ts";
export { renderPng } from "./pictures/render-png.ts";
export { pictureFormats, writePictures } from "./pictures/write-pictures.ts";
export type { PictureFacts, PictureFormat, WriteOptions } from "./pictures/write-pictures.ts";
export { drawZoomed } from "./pictures/zoomed.ts";
export type { ZoomedOptions } from "./pictures/zoomed.ts";
export type { PositionErrors } from "./position-errors.ts";
export { probabilityOf } from "./probability.ts";
export type { ProbabilityMap } from "./probability.ts";
export { mocOf, regionOf } from "./region.ts";
export type { Region } from "./region.ts";
export { writeResultExtras } from "./result-extras.ts";
export { coverOf } from "./sky-cover.ts";
export type { SkyCover } from "./sky-cover.ts";
export { createSkymap, eventMetadataOf, levelOf, pixelTotal, rowOf } from "./skymap.ts";
export type { LevelInput, Skymap, SkymapLevel, WritableLevel, WritableSkymap } from "./skymap.ts";
export { summarizeSkymap } from "./summary.ts";
