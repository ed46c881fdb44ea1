export { bestFit, bestPixel, llhAt } from "./best-fit.ts";
export type { BestFit, BestPixel, LlhAt } from "./best-fit.ts";
export { columnsOf, columnTable, versionOf } from "./columns.ts";
export type { Column, ColumnName, FormatVersion, LevelColumns } from "./columns.ts";
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
export { decodeJson, encodeJson, nanText } from "./json.ts";
export { defaultMaxBytes } from "./limits.ts";
export { eventNameOf, noEventType } from "./metadata.ts";
export type { LevelMetadata } from "./metadata.ts";
export { decodeNpz, encodeNpz } from "./npz.ts";
export { drawSkymap } from "./picture.ts";
export type { DrawOptions } from "./picture.ts";
export { createSkymap, eventMetadataOf, levelOf, pixelTotal, rowOf } from "./skymap.ts";
export type { LevelInput, Skymap, SkymapLevel } from "./skymap.ts";
export { summarizeSkymap } from "./summary.ts";
