import { utf8 } from "../bytes/byte-reader.ts";
import { ArchiveReader } from "./archive-reader.ts";
import { ArchiveWriter } from "./archive-writer.ts";

/** A place in detector coordinates, metres. */
export interface Position {
  readonly xM: number;
  readonly yM: number;
  readonly zM: number;
}

/** Start and stop in ns from the start of the event; either may be infinite. */
export interface TimeWindow {
  readonly startNs: number;
  readonly stopNs: number;
}

/** The numbers a likelihood fit leaves beside its particle (`…FitParams`): llh, llh per degree of freedom, their number. */
export interface FitParams {
  readonly llh: number;
  readonly rllh: number;
  readonly ndof: number;
  readonly nMini: number;
}

function read<T>(blob: Uint8Array, name: string, fields: (archive: ArchiveReader) => T, versions?: readonly number[]): T {
  const archive = new ArchiveReader(blob, name, versions);
  const value = fields(archive);
  archive.bytes.end();
  return value;
}

export function readInt(blob: Uint8Array): number {
  return read(blob, "I3Int", ({ bytes }) => bytes.i32());
}
export function writeInt(value: number): Uint8Array {
  const archive = new ArchiveWriter("I3Int");
  archive.bytes.i32(value);
  return archive.finish();
}

export function readDouble(blob: Uint8Array): number {
  return read(blob, "I3Double", ({ bytes }) => bytes.f64());
}
export function writeDouble(value: number): Uint8Array {
  const archive = new ArchiveWriter("I3Double");
  archive.bytes.f64(value);
  return archive.finish();
}

export function readBool(blob: Uint8Array): boolean {
  return read(blob, "I3Bool", ({ bytes }) => bytes.u8() !== 0);
}
export function writeBool(value: boolean): Uint8Array {
  const archive = new ArchiveWriter("I3Bool");
  archive.bytes.u8(value ? 1 : 0);
  return archive.finish();
}

/** @throws IceCubeError `garbled` when the text is no UTF-8. */
export function readString(blob: Uint8Array): string {
  return read(blob, "I3String", ({ bytes }) => utf8(bytes.lengthPrefixed()));
}
export function writeString(value: string): Uint8Array {
  const archive = new ArchiveWriter("I3String");
  archive.bytes.lengthPrefixed(Buffer.from(value, "utf8"));
  return archive.finish();
}

export function readPosition(blob: Uint8Array): Position {
  return read(blob, "I3Position", ({ bytes }) => ({ xM: bytes.f64(), yM: bytes.f64(), zM: bytes.f64() }));
}
export function writePosition(value: Position): Uint8Array {
  const archive = new ArchiveWriter("I3Position");
  archive.bytes.f64(value.xM).f64(value.yM).f64(value.zM);
  return archive.finish();
}

export function readTimeWindow(blob: Uint8Array): TimeWindow {
  return read(blob, "I3TimeWindow", ({ bytes }) => ({ startNs: bytes.f64(), stopNs: bytes.f64() }), [1]);
}
export function writeTimeWindow(value: TimeWindow): Uint8Array {
  const archive = new ArchiveWriter("I3TimeWindow", 1);
  archive.bytes.f64(value.startNs).f64(value.stopNs);
  return archive.finish();
}

export function readFitParams(blob: Uint8Array): FitParams {
  return read(blob, "I3LogLikelihoodFitParams", ({ bytes }) => ({
    llh: bytes.f64(),
    rllh: bytes.f64(),
    ndof: bytes.i32(),
    nMini: bytes.i32(),
  }));
}
export function writeFitParams(value: FitParams): Uint8Array {
  const archive = new ArchiveWriter("I3LogLikelihoodFitParams");
  archive.bytes.f64(value.llh).f64(value.rllh).i32(value.ndof).i32(value.nMini);
  return archive.finish();
}
