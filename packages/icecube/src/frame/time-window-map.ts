import { ArchiveReader } from "./archive-reader.ts";
import { ArchiveWriter } from "./archive-writer.ts";
import { omKeyBytes, readOmKey, writeOmKey, type OmKey } from "./om-key.ts";
import type { TimeWindow } from "./simple-objects.ts";
import { limitModules, limitPulses } from "./size-limits.ts";

/** The time windows of one module, for instance those in which its data are not to be trusted. */
export interface DomTimeWindows extends OmKey {
  readonly windows: readonly TimeWindow[];
}

/** `I3Map<OMKey, I3TimeWindowSeries>`. */
export function readTimeWindowMap(blob: Uint8Array): DomTimeWindows[] {
  const archive = new ArchiveReader(blob, "I3TimeWindowSeriesMap");
  const { bytes } = archive;
  const count = limitModules(archive.container("map<OMKey, I3TimeWindowSeries>", omKeyBytes + 12));
  const doms: DomTimeWindows[] = [];
  for (let i = 0; i < count; i++) {
    archive.plain("pair<OMKey, I3TimeWindowSeries>");
    const key = readOmKey(archive);
    archive.object("I3TimeWindowSeries", [1]);
    archive.frameObject();
    const windowCount = limitPulses(archive.container("list<I3TimeWindow>", 24));
    const windows: TimeWindow[] = [];
    for (let j = 0; j < windowCount; j++) {
      archive.object("I3TimeWindow", [1]);
      archive.frameObject();
      windows.push({ startNs: bytes.f64(), stopNs: bytes.f64() });
    }
    doms.push({ ...key, windows });
  }
  bytes.end();
  return doms;
}

export function writeTimeWindowMap(doms: readonly DomTimeWindows[]): Uint8Array {
  const archive = new ArchiveWriter("I3TimeWindowSeriesMap");
  archive.container("map<OMKey, I3TimeWindowSeries>", doms.length);
  for (const dom of doms) {
    archive.plain("pair<OMKey, I3TimeWindowSeries>");
    writeOmKey(archive, dom);
    archive.object("I3TimeWindowSeries", 1).frameObject().container("list<I3TimeWindow>", dom.windows.length);
    for (const { startNs, stopNs } of dom.windows) archive.object("I3TimeWindow", 1).frameObject().bytes.f64(startNs).f64(stopNs);
  }
  return archive.finish();
}
