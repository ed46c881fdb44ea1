import { formatUnitId } from "@skyscan/protocol";
import type { FailureCode } from "@skyscan/protocol";
import { createHostRecords } from "./host-records.ts";
import type { HostRecords } from "./host-records.ts";
import type { FailureRecord, GaveUpRecord, JournalRecord, PlanRecord } from "../journal/records.ts";
import type { UnitKey } from "../sky/unit-key.ts";
import type { NsideStep } from "../sky/nsides.ts";
import { createPixelTable, unitState } from "../sky/pixel-table.ts";
import type { PixelTable } from "../sky/pixel-table.ts";

/** Kept only of units that had trouble. */
export interface UnitTrouble {
  readonly failures: FailureRecord[];
  deadArrivals: number;
  readonly lostWorkers: Set<string>;
  /** Not journalled: how often it was declined since this server's start. */
  declines: number;
}

/** A unit that became NaN, with its reason. */
export interface FailedUnit extends UnitKey {
  readonly code: FailureCode;
  readonly message: string;
  readonly failures: readonly FailureRecord[];
}

/**
 * A scan is the fold of its journal: `apply` is the one place where anything changes, live and on replay.
 * Records that do not fit (a second final outcome, an unknown unit, pixels planned before) are refused.
 */
export interface ScanState {
  readonly steps: readonly NsideStep[];
  readonly posvars: number;
  readonly scanId: string | undefined;
  readonly digest: string | undefined;
  readonly runs: number;
  readonly ended: boolean;
  /** Tables of the nsides that have planned pixels, coarse to fine. */
  readonly tables: ReadonlyMap<number, PixelTable>;
  readonly failedUnits: readonly FailedUnit[];
  /** What is held against each host. */
  readonly hosts: Pick<HostRecords, "get" | "all">;
  readonly lastFailure: FailureRecord | undefined;
  /** Index of a worker in the journal; undefined before its first result. */
  indexOf(worker: string): number | undefined;
  /** How many workers have an index. */
  readonly indexedWorkers: number;
  readonly plannedUnits: number;
  readonly finalUnits: number;
  /** Units with a result, whatever its llh. */
  readonly resultUnits: number;
  apply(record: JournalRecord): boolean;
  isOpen(unit: UnitKey): boolean;
  isKnown(unit: UnitKey): boolean;
  troubleOf(unit: UnitKey): UnitTrouble | undefined;
  troubleFor(unit: UnitKey): UnitTrouble;
  /** The attempt that is wanted now: one more than the failures so far. */
  attemptOf(unit: UnitKey): number;
}

export function createScanState(steps: readonly NsideStep[], posvars: number): ScanState {
  const tables = new Map<number, PixelTable>();
  const troubles = new Map<string, UnitTrouble>();
  const failedUnits: FailedUnit[] = [];
  const hosts = createHostRecords();
  const workerIndices = new Map<string, number>();
  let lastFailure: FailureRecord | undefined;
  let scanId: string | undefined;
  let digest: string | undefined;
  let runs = 0;
  let ended = false;
  let plannedUnits = 0;
  let finalUnits = 0;
  let resultUnits = 0;

  const idOf = (unit: UnitKey): string => formatUnitId(unit.nside, unit.pixel, unit.posvar);
  // Asked for every unit that goes out, and most scans have no trouble at all.
  const troubleOf = (unit: UnitKey): UnitTrouble | undefined => (troubles.size === 0 ? undefined : troubles.get(idOf(unit)));

  function troubleFor(unit: UnitKey): UnitTrouble {
    const id = idOf(unit);
    const known = troubles.get(id);
    if (known !== undefined) return known;
    const fresh: UnitTrouble = { failures: [], deadArrivals: 0, lostWorkers: new Set(), declines: 0 };
    troubles.set(id, fresh);
    return fresh;
  }

  const attemptOf = (unit: UnitKey): number => (troubleOf(unit)?.failures.length ?? 0) + 1;

  function find(unit: UnitKey): { table: PixelTable; row: number } | undefined {
    const table = tables.get(unit.nside);
    if (table === undefined || unit.posvar >= posvars) return undefined;
    const row = table.rowOf(unit.pixel);
    return row < 0 ? undefined : { table, row };
  }

  function openAt(unit: UnitKey): { table: PixelTable; row: number } | undefined {
    const found = find(unit);
    if (found === undefined) return undefined;
    const state = found.table.stateOf(found.row, unit.posvar);
    return state === unitState.done || state === unitState.failed ? undefined : found;
  }

  function plan({ nside, pixels, sourceNsides, sourcePixels, more = 0 }: PlanRecord): boolean {
    let table = tables.get(nside);
    if (table !== undefined && pixels.some((pixel) => table!.rowOf(pixel) >= 0)) return false;
    if (table === undefined) {
      table = createPixelTable(nside, posvars);
      tables.set(nside, table);
    }
    table.reserve(table.rows + pixels.length + more);
    table.add(pixels, sourceNsides, sourcePixels);
    plannedUnits += pixels.length * posvars;
    return true;
  }

  function giveUp(record: GaveUpRecord): boolean {
    const open = openAt(record);
    if (open === undefined) return false;
    open.table.settle(open.row, record.posvar, undefined);
    finalUnits += 1;
    const { nside, pixel, posvar, code, message } = record;
    failedUnits.push({ nside, pixel, posvar, code, message, failures: troubleOf(record)?.failures ?? [] });
    return true;
  }

  function apply(record: JournalRecord): boolean {
    switch (record.type) {
      case "header":
        scanId = record.scanId;
        digest = record.digest;
        return true;
      case "run":
        runs = Math.max(runs, record.run);
        ended = false;
        return true;
      case "worker":
        workerIndices.set(record.worker, record.index);
        return true;
      case "plan":
        return plan(record);
      case "result": {
        const open = openAt(record);
        if (open === undefined) return false;
        open.table.settle(open.row, record.posvar, record.values);
        finalUnits += 1;
        resultUnits += 1;
        return true;
      }
      case "failure":
        if (openAt(record) === undefined || record.attempt !== attemptOf(record)) return false;
        troubleFor(record).failures.push(record);
        hosts.failed(record);
        lastFailure = record;
        return true;
      case "gave-up":
        return giveUp(record);
      case "dead":
        if (openAt(record) === undefined) return false;
        troubleFor(record).deadArrivals += 1;
        return true;
      case "lost":
        if (openAt(record) === undefined) return false;
        troubleFor(record).lostWorkers.add(record.worker);
        return true;
      case "sent-away":
        hosts.toldToLeave(record);
        return true;
      case "end":
        ended = true;
        return true;
    }
  }

  return {
    steps,
    posvars,
    get scanId() {
      return scanId;
    },
    get digest() {
      return digest;
    },
    get runs() {
      return runs;
    },
    get ended() {
      return ended;
    },
    tables,
    failedUnits,
    hosts,
    get lastFailure() {
      return lastFailure;
    },
    indexOf: (worker) => workerIndices.get(worker),
    get indexedWorkers() {
      return workerIndices.size;
    },
    get plannedUnits() {
      return plannedUnits;
    },
    get finalUnits() {
      return finalUnits;
    },
    get resultUnits() {
      return resultUnits;
    },
    apply,
    isOpen: (unit) => openAt(unit) !== undefined,
    isKnown: (unit) => find(unit) !== undefined,
    troubleOf,
    troubleFor,
    attemptOf,
  };
}
