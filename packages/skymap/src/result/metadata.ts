/** What a result says about its event and about one of its nsides. Fields that old files lack are undefined. */
export interface LevelMetadata {
  /** Whether all that was planned at this nside so far is in; undefined in files from before v3.14. */
  readonly complete: boolean | undefined;
  readonly runId: number;
  readonly eventId: number;
  /** `HESE`, `EHE`, `neutrino`, `ESTRES`, or {@link noEventType}. */
  readonly eventType: string;
  /** Modified Julian date; without meaning for simulated events. */
  readonly mjd: number;
  readonly isRealEvent: boolean | undefined;
  /** Format version; undefined (old files) means 0. */
  readonly version: 0 | 1 | undefined;
}

/**
 * Event type of events that have none: the text that the file names of such events have always had.
 * A missing value would make numpy store the header as pickled objects, which no careful reader opens.
 */
export const noEventType = "None";

/** A metadata field as files name and type it. */
export interface MetadataField {
  readonly name: string;
  readonly key: "nside" | keyof LevelMetadata;
  readonly kind: "integer" | "boolean" | "float" | "text";
  readonly optional: boolean;
}

/** The metadata fields in file order. */
export const metadataFields: readonly MetadataField[] = [
  { name: "nside", key: "nside", kind: "integer", optional: false },
  { name: "complete", key: "complete", kind: "boolean", optional: true },
  { name: "run_id", key: "runId", kind: "integer", optional: false },
  { name: "event_id", key: "eventId", kind: "integer", optional: false },
  { name: "event_type", key: "eventType", kind: "text", optional: false },
  { name: "mjd", key: "mjd", kind: "float", optional: false },
  { name: "is_real_event", key: "isRealEvent", kind: "boolean", optional: true },
  { name: "version", key: "version", kind: "integer", optional: true },
];

/** `run%08d.evt%012d.TYPE`, the name of an event and the beginning of its files' names. */
export function eventNameOf({ runId, eventId, eventType }: Pick<LevelMetadata, "runId" | "eventId" | "eventType">): string {
  return `run${String(runId).padStart(8, "0")}.evt${String(eventId).padStart(12, "0")}.${eventType}`;
}
