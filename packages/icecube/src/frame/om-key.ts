import { ArchiveReader } from "./archive-reader.ts";
import { ArchiveWriter } from "./archive-writer.ts";
import { limitModules } from "./size-limits.ts";

/** Which module: string 1-86, om 1-60 in the ice (61-64 IceTop tanks), pmt 0. */
export interface OmKey {
  readonly string: number;
  readonly om: number;
  readonly pmt: number;
}

/** Order of IceTray's maps. */
export function compareOmKeys(a: OmKey, b: OmKey): number {
  return a.string - b.string || a.om - b.om || a.pmt - b.pmt;
}

export const omKeyBytes = 13;

export function readOmKey(archive: ArchiveReader): OmKey {
  archive.object("OMKey", [2]);
  return { string: archive.bytes.i32(), om: archive.bytes.u32(), pmt: archive.bytes.u8() };
}

export function writeOmKey(archive: ArchiveWriter, key: OmKey): void {
  archive.object("OMKey", 2).bytes.i32(key.string).u32(key.om).u8(key.pmt);
}

/** `I3Vector<OMKey>`, for instance the list of bright DOMs. */
export function readOmKeys(blob: Uint8Array): OmKey[] {
  const archive = new ArchiveReader(blob, "I3VectorOMKey");
  const count = limitModules(archive.container("vector<OMKey>", omKeyBytes));
  const keys = Array.from({ length: count }, () => readOmKey(archive));
  archive.bytes.end();
  return keys;
}

export function writeOmKeys(keys: readonly OmKey[]): Uint8Array {
  const archive = new ArchiveWriter("I3VectorOMKey");
  archive.container("vector<OMKey>", keys.length);
  for (const key of keys) writeOmKey(archive, key);
  return archive.finish();
}
