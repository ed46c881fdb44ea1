import { crc32 } from "node:zlib";
import { SkymapError } from "./errors.ts";

/** One file of an archive. */
export interface ZipMember {
  readonly name: string;
  readonly data: Uint8Array;
}

/** 1980-01-01, the first day of zip: the bytes depend on the members only. */
const DOS_DATE = 0x21;
/** ZIP 4.5, needed for the zip64 field. */
const VERSION = 45;
const UNIX = 3;
const OWNER_READS_AND_WRITES = 0o600;
const UINT32_MAX = 0xffff_ffff;

/**
 * An archive of stored members, byte for byte as `numpy.savez` lays it out (PKWARE APPNOTE 6.3, sections 4.3.7, 4.3.12, 4.3.16): sizes in a
 * zip64 field of the local headers, dates of 1980. Names must be ASCII.
 * @throws SkymapError `too-large` from 4 GiB
 */
export function writeZip(members: readonly ZipMember[]): Uint8Array {
  const names = members.map((member) => new TextEncoder().encode(member.name));
  const localSize = (k: number): number => 30 + names[k]!.length + 20 + members[k]!.data.length;
  const directorySize = names.reduce((sum, name) => sum + 46 + name.length, 0);
  const directoryAt = members.reduce((sum, _, k) => sum + localSize(k), 0);
  const total = directoryAt + directorySize + 22;
  if (total >= UINT32_MAX) throw new SkymapError("too-large", `an npz of ${total} bytes: more than 4 GiB is not supported`);

  const bytes = new Uint8Array(total);
  const view = new DataView(bytes.buffer);
  const put = (at: number, ...fields: readonly (readonly [size: 2 | 4 | 8, value: number])[]): number => {
    for (const [size, value] of fields) {
      if (size === 2) view.setUint16(at, value, true);
      else view.setUint32(at, value, true);
      // The upper half of 8 bytes stays 0: nothing here reaches 4 GiB.
      at += size;
    }
    return at;
  };

  let at = 0;
  let entry = directoryAt;
  members.forEach(({ data }, k) => {
    const name = names[k]!;
    const checksum = crc32(data);
    const offset = at;
    at = put(at, [4, 0x04034b50], [2, VERSION], [2, 0], [2, 0], [2, 0], [2, DOS_DATE], [4, checksum]);
    at = put(at, [4, UINT32_MAX], [4, UINT32_MAX], [2, name.length], [2, 20]);
    bytes.set(name, at);
    at = put(at + name.length, [2, 1], [2, 16], [8, data.length], [8, data.length]);
    bytes.set(data, at);
    at += data.length;

    entry = put(entry, [4, 0x02014b50], [2, VERSION | (UNIX << 8)], [2, VERSION], [2, 0], [2, 0], [2, 0], [2, DOS_DATE]);
    entry = put(entry, [4, checksum], [4, data.length], [4, data.length], [2, name.length], [2, 0], [2, 0], [2, 0], [2, 0]);
    entry = put(entry, [4, OWNER_READS_AND_WRITES * 0x1_0000], [4, offset]);
    bytes.set(name, entry);
    entry += name.length;
  });
  put(
    entry,
    [4, 0x06054b50],
    [2, 0],
    [2, 0],
    [2, members.length],
    [2, members.length],
    [4, directorySize],
    [4, directoryAt],
    [2, 0],
  );
  return bytes;
}
