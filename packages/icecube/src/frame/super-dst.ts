import { IceCubeError } from "../errors.ts";
import { ArchiveReader } from "./archive-reader.ts";
import { compareOmKeys } from "./om-key.ts";
import type { DomPulses, Pulse } from "./pulse-map.ts";
import { limitPulses } from "./size-limits.ts";
import { createWidthStream, type WidthStream } from "./super-dst-widths.ts";

/**
 * Unpacks I3SuperDST (version 1): all pulses of an event in a lossy, compact form, times in steps of 1 ns.
 * Includes IceTop (om > 60), since masks over it count those modules too. In key order, each module's pulses in time order.
 */
export function readSuperDst(blob: Uint8Array): DomPulses[] {
  const archive = new ArchiveReader(blob, "I3SuperDST", [1]);
  const stamps = compactVector(archive, "vector<stamp>", 2);
  const headers = compactVector(archive, "vector<header>", 2);
  const widths = [0, 1, 2, 3].map(() => createWidthStream(compactVector(archive, "vector<u8>", 1)));
  const extra = compactVector(archive, "vector<u8>", 1);
  archive.bytes.end();
  return unpack(headers, stamps, widths, extra);
}

/** A vector with a compact size and raw little-endian elements of one or two bytes. */
function compactVector(archive: ArchiveReader, name: string, itemBytes: 1 | 2): number[] {
  archive.plain(name);
  archive.plain("SizeCodec");
  const { bytes } = archive;
  const size = bytes.u8();
  let count = size;
  if (size >= 247) {
    count = 0;
    const further = bytes.bytes(255 - size);
    for (let i = further.length - 1; i >= 0; i--) count = count * 256 + further[i]!;
  }
  if (count * itemBytes > bytes.remaining) {
    throw new IceCubeError("truncated", `${name} announces ${count} items, ${bytes.remaining} bytes are left`);
  }
  // There are no more pulses than stamps, and the other vectors say something of each pulse.
  return Array.from({ length: limitPulses(count) }, () => (itemBytes === 2 ? bytes.u16() : bytes.u8()));
}

interface MutablePulse {
  timeNs: number;
  charge: number;
  widthNs: number;
  flags: number;
}

/** Sequential access to numbers; running out is an error of the file. */
function createSource(values: readonly number[], name: string): { next(): number; end(): void } {
  let position = 0;
  return {
    next() {
      const value = values[position++];
      if (value === undefined) throw new IceCubeError("truncated", `SuperDST: the ${name} end too early`);
      return value;
    },
    end() {
      if (position < values.length)
        throw new IceCubeError("garbled", `SuperDST: ${values.length - position} ${name} are left over`);
    },
  };
}

function unpack(headers: number[], stampWords: number[], widths: WidthStream[], extraBytes: number[]): DomPulses[] {
  const stamps = createSource(stampWords, "stamps");
  const extra = createSource(extraBytes, "extra bytes");
  const byModule = new Map<number, MutablePulse[]>();

  const overflow = (code: number): number => {
    for (;;) {
      const word = stamps.next();
      code += word;
      if (word !== 0xffff) return code;
    }
  };
  const pulseOf = (stamp: number, charge: number, timeNs: number, iceTop: boolean): MutablePulse => {
    const hlc = (stamp >> 14) & 1;
    return { timeNs, charge, widthNs: 2 ** widths[2 * (iceTop ? 1 : 0) + hlc]!.next(), flags: hlc ? 7 : 4 };
  };

  let referenceNs = -512;
  for (const header of headers) {
    const module = header & 0x1fff;
    const iceTop = (module & 63) + 1 > 60;
    const first = stamps.next();
    let timeCode = (first & 0xff) | ((header >> 13) << 8);
    if (timeCode === 2047) timeCode = overflow(timeCode);
    let chargeCode = (first >> 8) & 63;
    if (iceTop) chargeCode |= extra.next() << 6;
    else if (chargeCode === 63) chargeCode = overflow(chargeCode);
    referenceNs += timeCode;

    const pulses = byModule.get(module) ?? [];
    byModule.set(module, pulses);
    pulses.push(pulseOf(first, iceTop ? iceTopCharge(chargeCode) : inIceCharge(chargeCode), referenceNs, iceTop));
    let timeNs = referenceNs;
    for (let stamp = first; !iceTop && stamp >> 15 === 0;) {
      stamp = stamps.next();
      timeCode = stamp & 0xff;
      if (timeCode === 255) timeCode = overflow(timeCode);
      chargeCode = (stamp >> 8) & 63;
      if (chargeCode === 63) chargeCode = overflow(chargeCode);
      timeNs += timeCode;
      pulses.push(pulseOf(stamp, inIceCharge(chargeCode), timeNs, false));
    }
  }
  stamps.end();
  extra.end();
  for (const width of widths) width.end();

  const doms: DomPulses[] = [];
  for (const [module, pulses] of byModule) {
    pulses.sort((a, b) => a.timeNs - b.timeNs);
    separate(pulses);
    doms.push({ string: module >> 6, om: (module & 63) + 1, pmt: 0, pulses: pulses.map(toPulse) });
  }
  return doms.sort(compareOmKeys);
}

const inIceCharge = (code: number): number => Math.fround(code * 0.05 + 0.025);
const iceTopCharge = (code: number): number => Math.fround(10 ** ((code * 9) / 16383 - 2));
const toPulse = ({ timeNs, charge, widthNs, flags }: MutablePulse): Pulse => [timeNs, charge, widthNs, flags];

/** Cuts widths where the next pulse begins; pulses of equal time share the width between them (as the reference does). */
function separate(pulses: MutablePulse[]): void {
  let merge = false;
  const share = (index: number): boolean => {
    const previous = pulses[index - 1];
    const current = pulses[index]!;
    if (previous === undefined) return false;
    if (previous.widthNs === 0 && current.widthNs > 0) previous.widthNs = current.widthNs;
    previous.widthNs = Math.fround(previous.widthNs / 2);
    current.widthNs = previous.widthNs;
    current.timeNs = previous.timeNs + previous.widthNs;
    return true;
  };
  for (let i = 0; i + 1 < pulses.length; i++) {
    const current = pulses[i]!;
    current.widthNs = Math.min(current.widthNs, Math.fround(pulses[i + 1]!.timeNs - current.timeNs));
    merge = current.widthNs === 0 || merge ? !share(i) : false;
  }
  if (merge) share(pulses.length - 1);
}
