import { ByteReader } from "../bytes/byte-reader.ts";
import { ArchiveWriter } from "./archive-writer.ts";

/** `base_filename` of an I3GeometryDiff, its first field; the rest of it (IceTop) is of no use to a scan. */
export function geometryDiffBase(blob: Uint8Array): string {
  const reader = new ByteReader(blob);
  reader.bytes(4);
  reader.str();
  reader.bytes(12);
  return reader.str();
}

/** A difference to `baseFilename` without any: no modules, no stations, validity times of year 0. */
export function emptyGeometryDiff(baseFilename: string): Uint8Array {
  const archive = new ArchiveWriter("I3GeometryDiff");
  archive.bytes.str(baseFilename);
  archive.object("OMDiff").frameObject().bytes.str("");
  archive.container("map plus", 0).container("vector minus", 0);
  archive.object("StationDiff").container("map stations", 0).bytes.u32(0);
  for (let i = 0; i < 2; i++) archive.object("I3Time").frameObject().bytes.i32(0).i64(0n);
  return archive.finish();
}
