import { ArchiveReader } from "./archive-reader.ts";
import { ArchiveWriter } from "./archive-writer.ts";
import { omKeyBytes, readOmKey, writeOmKey, type OmKey } from "./om-key.ts";
import { limitModules, limitPulses } from "./size-limits.ts";

/** `[timeNs, charge in photo-electrons, widthNs, flags]`; flag bits: 1 local coincidence (HLC), 2 ATWD, 4 FADC. */
export type Pulse = readonly [timeNs: number, charge: number, widthNs: number, flags: number];

export const pulseFlag: { readonly hlc: number; readonly atwd: number; readonly fadc: number } = { hlc: 1, atwd: 2, fadc: 4 };

/** The pulses of one module, in time order. */
export interface DomPulses extends OmKey {
  readonly pulses: readonly Pulse[];
}

const pulseBytes = 21;

/** `I3Map<OMKey, vector<I3RecoPulse> >`, in the order of the file: ascending by string, om, pmt. */
export function readPulseMap(blob: Uint8Array): DomPulses[] {
  const archive = new ArchiveReader(blob, "I3RecoPulseSeriesMap");
  const { bytes } = archive;
  const count = limitModules(archive.container("map<OMKey, pulses>", omKeyBytes + 4));
  const doms: DomPulses[] = [];
  let total = 0;
  for (let i = 0; i < count; i++) {
    archive.plain("pair<OMKey, pulses>");
    const key = readOmKey(archive);
    const pulseCount = archive.container("vector<I3RecoPulse>", pulseBytes);
    total = limitPulses(total + pulseCount);
    const pulses: Pulse[] = [];
    for (let j = 0; j < pulseCount; j++) {
      archive.object("I3RecoPulse", [3]);
      pulses.push([bytes.f64(), bytes.f32(), bytes.f32(), bytes.u8()]);
    }
    doms.push({ ...key, pulses });
  }
  bytes.end();
  return doms;
}

/** Charge and width are stored as 32-bit floats. */
export function writePulseMap(doms: readonly DomPulses[]): Uint8Array {
  const archive = new ArchiveWriter("I3RecoPulseSeriesMap");
  archive.container("map<OMKey, pulses>", doms.length);
  for (const dom of doms) {
    archive.plain("pair<OMKey, pulses>");
    writeOmKey(archive, dom);
    archive.container("vector<I3RecoPulse>", dom.pulses.length);
    for (const [timeNs, charge, widthNs, flags] of dom.pulses) {
      archive.object("I3RecoPulse", 3).bytes.f64(timeNs).f32(charge).f32(widthNs).u8(flags);
    }
  }
  return archive.finish();
}
