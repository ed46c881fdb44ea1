import { crc32, inflateRawSync } from "node:zlib";
import { SkymapError } from "../result/errors.ts";

/** One file of an archive that was read. */
export interface UnzippedMember {
  readonly name: string;
  readonly data: Uint8Array;
}

const garbled = (why: string, options?: ErrorOptions): SkymapError =>
  new SkymapError("garbled", `not a whole zip archive: ${why}`, options);

/** More members than any result has; a directory that claims more is not worth walking. */
const MAX_MEMBERS = 1024;

/** Little-endian numbers of the archive, refusing what lies outside. */
interface Numbers {
  readonly u16: (at: number) => number;
  readonly u32: (at: number) => number;
  readonly u64: (at: number) => number;
}

function numbersOf(bytes: Uint8Array): Numbers {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const within = (at: number, size: number): number => {
    if (!(at >= 0 && at + size <= bytes.length)) throw garbled(`it ends before byte ${at + size}`);
    return at;
  };
  return {
    u16: (at) => view.getUint16(within(at, 2), true),
    u32: (at) => view.getUint32(within(at, 4), true),
    u64: (at) => Number(view.getBigUint64(within(at, 8), true)),
  };
}

/** Where the directory is and how many entries it has (APPNOTE 4.3.14-4.3.16). */
function findDirectory(bytes: Uint8Array): { at: number; count: number } {
  const { u16, u32, u64 } = numbersOf(bytes);
  let end = bytes.length - 22;
  // A comment of up to 65535 bytes may follow the end record.
  const last = Math.max(0, end - 0xffff);
  while (end >= last && u32(end) !== 0x06054b50) end--;
  if (end < last) throw garbled("it has no end record; the file may be truncated");
  const count = u16(end + 10);
  const at = u32(end + 16);
  if (count !== 0xffff && at !== 0xffff_ffff) return { at, count };
  if (end < 20 || u32(end - 20) !== 0x07064b50) throw garbled("its zip64 end record is missing");
  const zip64 = u64(end - 20 + 8);
  if (u32(zip64) !== 0x06064b50) throw garbled("its zip64 end record is missing");
  return { at: u64(zip64 + 48), count: u64(zip64 + 32) };
}

interface Entry {
  readonly name: string;
  readonly flags: number;
  readonly method: number;
  readonly checksum: number;
  readonly packedSize: number;
  readonly size: number;
  readonly at: number;
}

function readDirectory(bytes: Uint8Array): Entry[] {
  const { u16, u32, u64 } = numbersOf(bytes);
  const directory = findDirectory(bytes);
  if (directory.count > MAX_MEMBERS) throw garbled(`it claims ${directory.count} members`);
  const entries: Entry[] = [];
  let at = directory.at;
  for (let k = 0; k < directory.count; k++) {
    if (u32(at) !== 0x02014b50) throw garbled(`its directory breaks off at entry ${k}`);
    const nameLength = u16(at + 28);
    const extraLength = u16(at + 30);
    const extraAt = at + 46 + nameLength;
    let size = u32(at + 24);
    let packedSize = u32(at + 20);
    let offset = u32(at + 42);
    // The zip64 field holds, in this order, those of the three that are too large for 32 bits.
    for (let field = extraAt; field + 4 <= extraAt + extraLength; field += 4 + u16(field + 2)) {
      if (u16(field) !== 1) continue;
      let value = field + 4;
      const next = (): number => {
        value += 8;
        return u64(value - 8);
      };
      if (size === 0xffff_ffff) size = next();
      if (packedSize === 0xffff_ffff) packedSize = next();
      if (offset === 0xffff_ffff) offset = next();
    }
    u16(extraAt - 2); // the name lies inside
    entries.push({
      name: new TextDecoder().decode(bytes.subarray(at + 46, extraAt)),
      flags: u16(at + 8),
      method: u16(at + 10),
      checksum: u32(at + 16),
      packedSize,
      size,
      at: offset,
    });
    at = extraAt + extraLength + u16(at + 32);
  }
  return entries;
}

function readEntry(bytes: Uint8Array, entry: Entry): Uint8Array {
  const { u16, u32 } = numbersOf(bytes);
  const { name, flags, method, size, packedSize } = entry;
  if (u32(entry.at) !== 0x04034b50) throw garbled(`member ${name} is not where the directory says`);
  if ((flags & 1) !== 0) throw garbled(`member ${name} is encrypted`);
  const start = entry.at + 30 + u16(entry.at + 26) + u16(entry.at + 28);
  if (start + packedSize > bytes.length) throw garbled(`member ${name} goes beyond the end of the file`);
  const packed = bytes.subarray(start, start + packedSize);
  let data: Uint8Array;
  if (method === 0) {
    data = packed;
  } else if (method === 8) {
    try {
      data = inflateRawSync(packed, { maxOutputLength: Math.max(1, size) });
    } catch (cause) {
      throw garbled(`member ${name} does not inflate to the ${size} bytes it claims`, { cause });
    }
  } else {
    throw garbled(`member ${name} is compressed by method ${method}; only stored and deflated members are read`);
  }
  if (data.length !== size) throw garbled(`member ${name} has ${data.length} bytes, the directory says ${size}`);
  if (crc32(data) !== entry.checksum) throw garbled(`the checksum of member ${name} is wrong: it is damaged`);
  return data;
}

/**
 * The members of an archive, stored or deflated, zip64 or not, checksums verified.
 * @throws SkymapError `garbled`; `too-large` when the members would have more than `maxBytes` together, before anything is unpacked
 */
export function readZip(bytes: Uint8Array, maxBytes: number): UnzippedMember[] {
  const entries = readDirectory(bytes);
  const total = entries.reduce((sum, entry) => sum + entry.size, 0);
  if (total > maxBytes) throw new SkymapError("too-large", `its members have ${total} bytes; the limit is ${maxBytes}`);
  const seen = new Set<string>();
  for (const { name } of entries) {
    if (seen.has(name)) throw garbled(`member ${name} is there twice`);
    seen.add(name);
  }
  return entries.map((entry) => ({ name: entry.name, data: readEntry(bytes, entry) }));
}
