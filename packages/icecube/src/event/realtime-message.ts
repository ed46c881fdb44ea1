import { deflateBase64 } from "../bytes/compression.ts";
import { formatDaqTime, type DaqTime } from "../frame/daq-time.ts";
import { writeFrame, type Frame } from "../frame/frame.ts";
import { pickleFrame } from "../frame/frame-pickle.ts";
import type { DomPulses } from "../frame/pulse-map.ts";
import type { PackedFrame } from "./envelope.ts";
import { eventName, type EventMetadata } from "./event.ts";

/** What the message of an event says beside its frames. */
export interface RealtimeMessage extends Pick<EventMetadata, "runId" | "eventId" | "eventType"> {
  readonly start: DaqTime;
  /** `value.version`. */
  readonly version: string;
  /** G, C, D, Q, P. */
  readonly frames: readonly PackedFrame[];
  /** For the totals. */
  readonly doms: readonly DomPulses[];
}

/** A frame as it travels in such messages. */
export const packFrame = (frame: Frame): PackedFrame => [frame.stream, deflateBase64(pickleFrame(writeFrame(frame), "python3"))];

/** The JSON of an event file in IceCube's realtime format. The same event gives the same bytes (with the same zlib). */
export function encodeRealtimeMessage(message: RealtimeMessage): Uint8Array {
  const { runId, eventId, eventType, doms } = message;
  const charges = doms.map(({ pulses }) => pulses.reduce((sum, [, charge]) => sum + charge, 0));
  const time = formatDaqTime(message.start).slice(0, 26);
  const topic = eventType === "neutrino" ? "neutrino" : eventType.toLowerCase();
  const file = {
    service: "skyscan",
    varname: "realtimeEventData",
    value: {
      version: message.version,
      streams: [topic],
      zmqnotify: { topics: [topic] },
      data: {
        run_id: runId,
        event_id: eventId,
        unique_id: eventName(message).slice(0, -eventType.length - 1),
        eventtime: time,
        nch: doms.length,
        npulses: doms.reduce((sum, { pulses }) => sum + pulses.length, 0),
        qtot: charges.reduce((sum, charge) => sum + charge, 0),
        frames: message.frames,
      },
    },
    prio: 2,
    time,
    insert_time: time,
    _id: `skyscan-${runId}-${eventId}`,
  };
  return Buffer.from(JSON.stringify(file), "utf8");
}
