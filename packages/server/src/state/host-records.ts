import type { FailureRecord, SentAwayRecord } from "../journal/records.ts";

/** What is held against a host, over all its clients and all starts of the server. */
export interface HostRecord {
  readonly host: string;
  readonly failures: number;
  readonly byCode: Readonly<Record<string, number>>;
  /** The latest failure: its reason and the end of its stderr. */
  readonly last: FailureRecord | undefined;
  /** Clients of this host that were told to leave, oldest first. */
  readonly toldToLeave: readonly SentAwayRecord[];
}

/** The fold of the journal's `failure` and `sent-away` records, by host. */
export interface HostRecords {
  failed(record: FailureRecord): void;
  toldToLeave(record: SentAwayRecord): void;
  get(host: string): HostRecord | undefined;
  readonly all: Iterable<HostRecord>;
}

/** Of a host that comes back again and again, the latest are kept. */
const keptLeaves = 20;

export function createHostRecords(): HostRecords {
  const hosts = new Map<string, HostRecord>();
  const of = (host: string): HostRecord => hosts.get(host) ?? { host, failures: 0, byCode: {}, last: undefined, toldToLeave: [] };
  return {
    failed(record) {
      const known = of(record.host);
      const byCode = { ...known.byCode, [record.code]: (known.byCode[record.code] ?? 0) + 1 };
      hosts.set(record.host, { ...known, failures: known.failures + 1, byCode, last: record });
    },
    toldToLeave(record) {
      const known = of(record.host);
      hosts.set(record.host, { ...known, toldToLeave: [...known.toldToLeave, record].slice(-keptLeaves) });
    },
    get: (host) => hosts.get(host),
    get all() {
      return hosts.values();
    },
  };
}
