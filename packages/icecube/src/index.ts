export { crc32c } from "./bytes/crc32c.ts";
export { IceCubeError, type IceCubeErrorCode } from "./errors.ts";
export type { JsonObject, JsonValue } from "./json-value.ts";
export { parsePickle } from "./pickle/parse-pickle.ts";
export { PickleGlobal, PickleObject, PickleTuple, type PickleDict, type PickleValue } from "./pickle/pickle-value.ts";
export { createFrame, frameObject, parseFrame, writeFrame, type Frame, type FrameObject } from "./frame/frame.ts";
export { pickleFrame, unpickleFrame, type FramePickleSpelling } from "./frame/frame-pickle.ts";
export { daqTimeToMjd, formatDaqTime, mjdToDaqTime, type DaqTime } from "./frame/daq-time.ts";
export { readEventHeader, writeEventHeader, type EventHeader } from "./frame/event-header.ts";
export { fitStatus, particleShape, readParticle, speedOfLightMPerNs, writeParticle, type Particle } from "./frame/particle.ts";
export { readOmKeys, writeOmKeys, type OmKey } from "./frame/om-key.ts";
export { pulseFlag, readPulseMap, writePulseMap, type DomPulses, type Pulse } from "./frame/pulse-map.ts";
export { applyPulseMask, readPulseMask, writePulseMask, type PulseMask } from "./frame/pulse-mask.ts";
export { readSuperDst } from "./frame/super-dst.ts";
export { readTimeWindowMap, writeTimeWindowMap, type DomTimeWindows } from "./frame/time-window-map.ts";
export {
  readBool,
  readDouble,
  readFitParams,
  readInt,
  readPosition,
  readString,
  readTimeWindow,
  writeBool,
  writeDouble,
  writeFitParams,
  writeInt,
  writePosition,
  writeString,
  writeTimeWindow,
  type FitParams,
  type Position,
  type TimeWindow,
} from "./frame/simple-objects.ts";
export { openFrame, packedFrames, type EventFrame, type PackedFrame } from "./event/envelope.ts";
export { eventName, type Event, type EventMetadata, type RecordedFit, type RecordedVertex } from "./event/event.ts";
export { recordedFit } from "./event/recorded-fits.ts";
export { resolvePulses } from "./event/pulse-series.ts";
export { parseEvent, readEventFile, type ReadEventOptions } from "./event/read-event.ts";
export {
  createSkyFrame,
  dirToEqua,
  equaToDir,
  type DetectorDirection,
  type Equatorial,
  type SkyFrame,
} from "./coordinates/sky-frame.ts";
export { createGeometry, type Dom, type Geometry } from "./geometry/geometry.ts";
export { defaultHexagon, hexagon, type HexagonOptions } from "./geometry/hexagon.ts";
export { icecube86 } from "./geometry/icecube86.ts";
export { geometryByName, loadGeometry, parseGeometryCsv, readGeometryCsv } from "./geometry/load-geometry.ts";
export { defaultSeed, type VertexSeed } from "./event/default-seed.ts";
export { eventForReco, type RecoDom, type RecoEvent, type RecoFit } from "./event/event-for-reco.ts";
export { describeEvent, summarizeEvent, type EventSummary, type FitSummary } from "./event/describe-event.ts";
export { describeFrames, dumpFrames, type FrameDump } from "./event/dump-frames.ts";
export { encodeEvent, writeEventFile, type EventToWrite } from "./event/write-event.ts";
export { simulatedGeometryKey, truthKey } from "./event/simulated-keys.ts";
export { simulatedTruth } from "./event/simulated-truth.ts";
export { convertI3, type ConvertI3Options, type ConvertedEvent } from "./i3-file/convert-i3.ts";
export { describeI3File } from "./i3-file/dump-i3.ts";
export { isI3File, readI3File, readI3Frames, type I3FileFrame } from "./i3-file/read-i3-file.ts";
export { writeI3File } from "./i3-file/write-i3-file.ts";
export { decodePixelFrame, encodePixelFrame, type PixelFrame } from "./icetray/pixel-frame.ts";
export { decodeRecoPixelVariation, encodeRecoPixelVariation, type RecoPixelVariation } from "./icetray/reco-pixel-variation.ts";
export {
  decodeIcetrayOutfile,
  encodeIcetrayInfile,
  encodeIcetrayOutfile,
  type IcetrayInfile,
  type IcetrayOutfile,
} from "./icetray/message-files.ts";
