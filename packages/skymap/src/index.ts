export { bestFit, bestPixel, llhAt } from "./regions/best-fit.ts";
export type { BestFit, BestPixel, LlhAt } from "./regions/best-fit.ts";
export { columnsOf, columnTable, versionOf } from "./result/columns.ts";
export type { Column, ColumnName, ColumnValues, FormatVersion, LevelColumns } from "./result/columns.ts";
export { absoluteTolerance, compareSkymaps, diffToJson } from "./result/compare.ts";
export type { CompareOptions, FieldComparison, NsideComparison, SkymapComparison } from "./result/compare.ts";
export { contourLevelsOf, contoursOf, wilksLevels } from "./regions/contours.ts";
export type { Contour, ContourLevels, ContourMethod } from "./regions/contours.ts";
export { decConventionOf, pixelAt, pixelDirection } from "./regions/direction.ts";
export type { DecConvention } from "./regions/direction.ts";
export { SkymapError } from "./result/errors.ts";
export type { SkymapErrorCode } from "./result/errors.ts";
export {
  convertSkymapFile,
  encodeSkymap,
  formatOfName,
  readSkymapFile,
  removeShorterNamed,
  skymapBaseName,
  writeSkymapFiles,
} from "./files/files.ts";
export type { SkymapFormat, WrittenFiles } from "./files/files.ts";
export { findingsOf } from "./regions/findings.ts";
export type { Findings, MeasuredContour, ResultFacts } from "./regions/findings.ts";
export { flatMapOf } from "./extras/flat-map.ts";
export type { FlatMap } from "./extras/flat-map.ts";
export { gcnSchema } from "./extras/gcn.ts";
export { decodeJson, encodeJson, nanText } from "./files/json.ts";
export { defaultMaxBytes } from "./result/limits.ts";
export { eventNameOf, noEventType } from "./result/metadata.ts";
export type { LevelMetadata } from "./result/metadata.ts";
export { decodeNpz, encodeNpz } from "./files/npz.ts";
export { drawSkymap } from "./pictures/picture.ts";
export type { DrawOptions } from "./pictures/picture.ts";
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
export type { PositionErrors } from "./regions/position-errors.ts";
export { probabilityOf } from "./regions/probability.ts";
export type { ProbabilityMap } from "./regions/probability.ts";
export { mocOf, regionOf } from "./regions/region.ts";
export type { Region } from "./regions/region.ts";
export { writeResultExtras } from "./extras/result-extras.ts";
export { coverOf } from "./regions/sky-cover.ts";
export type { SkyCover } from "./regions/sky-cover.ts";
export { createSkymap, eventMetadataOf, levelOf, pixelTotal, rowOf } from "./result/skymap.ts";
export type { LevelInput, Skymap, SkymapLevel, WritableLevel, WritableSkymap } from "./result/skymap.ts";
export { summarizeSkymap } from "./extras/summary.ts";
