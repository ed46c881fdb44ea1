/** What a program or library must find where it runs. */
export interface ElfNeeds {
  /** File names of shared libraries, such as `libm.so.6`. Empty: it is linked statically. */
  readonly libraries: readonly string[];
  /** Symbol versions of those libraries, such as `GLIBC_2.28`. */
  readonly versions: readonly string[];
}

const magic = 0x7f454c46;
const sectionTypes = { dynamic: 6, versionNeeds: 0x6ffffffe } as const;
const neededTag = 1n;

/**
 * Reads the dynamic section and the version needs of a 64-bit little-endian ELF file (System V ABI, chapters 4 and 5; Linux Standard Base,
 * "Symbol Versioning"). Undefined for anything else.
 */
export function elfNeeds(file: Buffer): ElfNeeds | undefined {
  if (file.length < 64 || file.readUInt32BE(0) !== magic || file[4] !== 2 || file[5] !== 1) return undefined;
  const start = Number(file.readBigUInt64LE(0x28));
  const size = file.readUInt16LE(0x3a);
  const count = file.readUInt16LE(0x3c);
  const section = (index: number): { type: number; offset: number; size: number; link: number } => {
    const at = start + index * size;
    return {
      type: file.readUInt32LE(at + 4),
      offset: Number(file.readBigUInt64LE(at + 0x18)),
      size: Number(file.readBigUInt64LE(at + 0x20)),
      link: file.readUInt32LE(at + 0x28),
    };
  };
  const text = (table: number, offset: number): string => {
    const from = section(table).offset + offset;
    return file.toString("latin1", from, file.indexOf(0, from));
  };

  const libraries: string[] = [];
  const versions: string[] = [];
  for (const { type, offset, size: length, link } of Array.from({ length: count }, (_, index) => section(index))) {
    if (type === sectionTypes.dynamic) {
      for (let at = offset; at < offset + length; at += 16) {
        if (file.readBigUInt64LE(at) === neededTag) libraries.push(text(link, Number(file.readBigUInt64LE(at + 8))));
      }
    } else if (type === sectionTypes.versionNeeds) {
      for (let at = offset, next = -1; next !== 0; at += next) {
        next = file.readUInt32LE(at + 12);
        let aux = at + file.readUInt32LE(at + 8);
        for (let left = file.readUInt16LE(at + 2); left > 0; left--) {
          versions.push(text(link, file.readUInt32LE(aux + 8)));
          aux += file.readUInt32LE(aux + 12);
        }
      }
    }
  }
  return { libraries, versions };
}
