import { IceCubeError } from "../errors.ts";
import { ArchiveReader } from "./archive-reader.ts";
import { ArchiveWriter } from "./archive-writer.ts";
import type { DomPulses, Pulse } from "./pulse-map.ts";
import { limitModules, limitPulses } from "./size-limits.ts";

/** Which pulses of another series are meant (I3RecoPulseSeriesMapMask). */
export interface PulseMask {
  /** Key of the series this is a selection of. */
  readonly source: string;
  /** One bit per module of the source, in key order. */
  readonly doms: readonly boolean[];
  /** For every module that is kept, one bit per pulse of the source. */
  readonly pulses: readonly (readonly boolean[])[];
}

/** Reads class versions 1 and 2. */
export function readPulseMask(blob: Uint8Array): PulseMask {
  const archive = new ArchiveReader(blob, "I3RecoPulseSeriesMapMask", [1, 2]);
  const source = archive.bytes.str();
  if (archive.version === 1) archive.bytes.f32(); // a time offset that version 2 dropped
  const doms = readBits(archive, limitModules);
  const count = limitModules(archive.container("vector<bitmask>", 3));
  let total = 0;
  const pulses = Array.from({ length: count }, () => readBits(archive, (bits) => (total = limitPulses(total + bits))));
  archive.bytes.end();
  return { source, doms, pulses };
}

function readBits(archive: ArchiveReader, limit: (bits: number) => void): boolean[] {
  archive.plain("bitmask");
  const { bytes } = archive;
  const byteCount = bytes.u16();
  const padding = bytes.u8();
  if (padding > 8 * byteCount) throw new IceCubeError("garbled", `a bit mask of ${byteCount} bytes with ${padding} padding bits`);
  const length = 8 * byteCount - padding;
  limit(length);
  const mask = bytes.bytes(byteCount);
  return Array.from({ length }, (_, bit) => ((mask[bit >> 3]! >> (bit & 7)) & 1) === 1);
}

/** Writes class version 2. */
export function writePulseMask(mask: PulseMask): Uint8Array {
  const archive = new ArchiveWriter("I3RecoPulseSeriesMapMask", 2);
  archive.bytes.str(mask.source);
  writeBits(archive, mask.doms);
  archive.container("vector<bitmask>", mask.pulses.length);
  for (const bits of mask.pulses) writeBits(archive, bits);
  return archive.finish();
}

function writeBits(archive: ArchiveWriter, bits: readonly boolean[]): void {
  // An empty mask is one byte of padding, as IceTray writes it.
  const bytes = new Uint8Array(Math.max(1, Math.ceil(bits.length / 8)));
  bits.forEach((bit, i) => {
    if (bit) bytes[i >> 3]! |= 1 << (i & 7);
  });
  archive
    .plain("bitmask")
    .bytes.u16(bytes.length)
    .u8(8 * bytes.length - bits.length)
    .bytes(bytes);
}

/**
 * The selected pulses of `source` (which must be in key order); a module without any is left out.
 * @throws IceCubeError `garbled` when the mask does not fit the source
 */
export function applyPulseMask(mask: PulseMask, source: readonly DomPulses[]): DomPulses[] {
  if (mask.doms.length !== source.length) {
    throw new IceCubeError(
      "garbled",
      `the mask is for ${mask.doms.length} modules, its source ${mask.source} has ${source.length}`,
    );
  }
  const result: DomPulses[] = [];
  let next = 0;
  source.forEach((dom, i) => {
    if (!mask.doms[i]) return;
    const bits = mask.pulses[next++];
    if (bits?.length !== dom.pulses.length) {
      throw new IceCubeError(
        "garbled",
        `the mask of module (${dom.string},${dom.om}) has ${bits?.length ?? "no"} bits, ${mask.source} has ${dom.pulses.length} pulses there`,
      );
    }
    const pulses = dom.pulses.filter((_: Pulse, j) => bits[j]);
    if (pulses.length > 0) result.push({ ...dom, pulses });
  });
  if (next !== mask.pulses.length) {
    throw new IceCubeError("garbled", `the mask has ${mask.pulses.length} pulse masks for ${next} selected modules`);
  }
  return result;
}
