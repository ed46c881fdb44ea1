import { crc32 } from "node:zlib";
import { SkymapError } from "../result/errors.ts";

/**
 * One file of an archive. Its pieces are asked for twice, once for the checksum that stands in front of them; they must be the same,
 * and each stands until the next one is asked for.
 */
export interface ZipMember {
  readonly name: string;
  /** Bytes of all pieces. */
  readonly size: number;
  chunks(): Iterable<Uint8Array>;
}

/** A member that is there as a whole. */
export const storedMember = (name: string, data: Uint8Array): ZipMember => ({ name, size: data.length, chunks: () => [data] });

/** 1980-01-01, the first day of zip: the bytes depend on the members only. */
const DOS_DATE = 0x21;
/** ZIP 4.5, needed for the zip64 field. */
const VERSION = 45;
const UNIX = 3;
const OWNER_READS_AND_WRITES = 0o600;
const UINT32_MAX = 0xffff_ffff;

type Field = readonly [size: 2 | 4 | 8, value: number];

/** Little-endian fields one after the other. The upper half of 8 bytes stays 0: nothing here reaches 4 GiB. */
function record(fields: readonly Field[], ...tail: readonly Uint8Array[]): Uint8Array {
  const fixed = fields.reduce((sum, [size]) => sum + size, 0);
  const bytes = new Uint8Array(fixed + tail.reduce((sum, part) => sum + part.length, 0));
  const view = new DataView(bytes.buffer);
  let at = 0;
  for (const [size, value] of fields) {
    if (size === 2) view.setUint16(at, value, true);
    else view.setUint32(at, value, true);
    at += size;
  }
  for (const part of tail) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

/**
 * An archive of stored members in pieces, byte for byte as `numpy.savez` lays it out (PKWARE APPNOTE 6.3, sections 4.3.7, 4.3.12, 4.3.16):
 * sizes in a zip64 field of the local headers, dates of 1980. Names must be ASCII.
 * @throws SkymapError `too-large` from 4 GiB
 */
export function* zipChunks(members: readonly ZipMember[]): Generator<Uint8Array> {
  const directory: Uint8Array[] = [];
  let at = 0;
  for (const member of members) {
    const name = new TextEncoder().encode(member.name);
    const { size } = member;
    const offset = at;
    at += 30 + name.length + 20 + size;
    if (at >= UINT32_MAX) throw new SkymapError("too-large", `an npz of ${at} bytes: more than 4 GiB is not supported`);
    let checksum = 0;
    for (const chunk of member.chunks()) checksum = crc32(chunk, checksum);
    const sizes = record([
      [2, 1],
      [2, 16],
      [8, size],
      [8, size],
    ]);
    const about: readonly Field[] = [
      [2, VERSION],
      [2, 0],
      [2, 0],
      [2, 0],
      [2, DOS_DATE],
      [4, checksum],
    ];
    yield record([[4, 0x04034b50], ...about, [4, UINT32_MAX], [4, UINT32_MAX], [2, name.length], [2, 20]], name, sizes);
    yield* member.chunks();
    const place: readonly Field[] = [
      [4, size],
      [4, size],
      [2, name.length],
      [2, 0],
      [2, 0],
      [2, 0],
      [2, 0],
      [4, OWNER_READS_AND_WRITES * 0x1_0000],
      [4, offset],
    ];
    directory.push(record([[4, 0x02014b50], [2, VERSION | (UNIX << 8)], ...about, ...place], name));
  }
  yield* directory;
  const directorySize = directory.reduce((sum, entry) => sum + entry.length, 0);
  yield record([
    [4, 0x06054b50],
    [2, 0],
    [2, 0],
    [2, members.length],
    [2, members.length],
    [4, directorySize],
    [4, at],
    [2, 0],
  ]);
}
