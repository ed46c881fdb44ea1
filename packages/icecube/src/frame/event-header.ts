import type { DaqTime } from "./daq-time.ts";
import { ArchiveReader } from "./archive-reader.ts";
import { ArchiveWriter } from "./archive-writer.ts";

/** I3EventHeader: which event this is, and when it was. */
export interface EventHeader {
  readonly runId: number;
  readonly subRunId: number;
  readonly eventId: number;
  /** 20 = OK. */
  readonly state: number;
  readonly subEventId: number;
  /** For instance `InIceSplit`; frames prepared for a reco carry `SCAN_nside0001_pixel0000_posvar0000`. */
  readonly subEventStream: string;
  readonly start: DaqTime;
  readonly end: DaqTime;
}

export function readEventHeader(blob: Uint8Array): EventHeader {
  const archive = new ArchiveReader(blob, "I3EventHeader", [3]);
  const { bytes } = archive;
  const time = (): DaqTime => {
    archive.object("I3Time");
    archive.frameObject();
    return { year: bytes.i32(), tenthsOfNs: bytes.i64() };
  };
  const header: EventHeader = {
    runId: bytes.u32(),
    subRunId: bytes.u32(),
    eventId: bytes.u32(),
    state: bytes.i32(),
    subEventId: bytes.u32(),
    subEventStream: bytes.str(),
    start: time(),
    end: time(),
  };
  bytes.end();
  return header;
}

export function writeEventHeader(header: EventHeader): Uint8Array {
  const archive = new ArchiveWriter("I3EventHeader", 3);
  archive.bytes.u32(header.runId).u32(header.subRunId).u32(header.eventId).i32(header.state).u32(header.subEventId);
  archive.bytes.str(header.subEventStream);
  for (const { year, tenthsOfNs } of [header.start, header.end]) {
    archive.object("I3Time").frameObject().bytes.i32(year).i64(tenthsOfNs);
  }
  return archive.finish();
}
