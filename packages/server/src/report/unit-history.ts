import { createReadStream } from "node:fs";
import { join } from "node:path";
import { ringToSky } from "@skyscan/healpix";
import { parseUnitId } from "@skyscan/protocol";
import { UsageError } from "@skyscan/runtime";
import { journalName } from "../cache/find-scans.ts";
import { createFrameReader } from "../journal/frames.ts";
import { decodeRecord } from "../journal/records.ts";
import type { FailureRecord, JournalRecord, ResultRecord, WorkerRecord } from "../journal/records.ts";
import type { UnitKey } from "../sky/unit-key.ts";
import type { FitValues } from "../sky/pixel-table.ts";

/** What one variation of a pixel came to. */
export interface FittedVariation extends FitValues {
  readonly posvar: number;
  readonly runtimeSec: number;
  /** Undefined in journals of before. */
  readonly worker: string | undefined;
  readonly host: string | undefined;
}

/** What the journal holds of one unit, and of the pixel it belongs to. */
export interface UnitHistory {
  readonly unit: string;
  readonly scanId: string;
  readonly state: "not planned" | "open" | "done" | "failed";
  readonly raDeg: number;
  readonly decDeg: number;
  /** Counted from 1: the attempt that succeeded, or is (or would be) the next. */
  readonly attempt: number;
  /** The coarser pixel whose best fit it starts from, as that stands now; undefined: the event's own seed. */
  readonly seed: { readonly nside: number; readonly pixel: number; readonly best: FittedVariation | undefined } | undefined;
  readonly failures: readonly FailureRecord[];
  readonly deadLetterArrivals: number;
  readonly workersLost: readonly string[];
  readonly result: FittedVariation | undefined;
  readonly gaveUp: { readonly code: string; readonly message: string } | undefined;
  /** How many variations the pixel has, those with a result, and the one with the lowest llh. */
  readonly variations: number;
  readonly fitted: readonly FittedVariation[];
  readonly winner: FittedVariation | undefined;
}

/**
 * What a unit went through, from the journal of its scan's directory; also while a server writes it, and when none runs.
 * @throws UsageError when the journal cannot be read, or there is no such unit.
 */
export async function readUnitHistory(directory: string, id: string): Promise<UnitHistory> {
  const unit = parseUnitId(id);
  if (unit === undefined) throw new UsageError(`--unit ${id} is none: units are nside/pixel/variation, for example 64/22946/0`);
  const found = await collect(directory, unit);
  if (found.scanId === undefined) throw new UsageError(`the journal in ${directory} does not say whose it is`);
  if (!found.planned || unit.posvar >= found.variations) {
    const nsides = [...found.nsides].sort((a, b) => a - b).join(", ");
    throw new UsageError(
      `no unit ${id} in ${found.scanId} so far; planned are pixels of nside ${nsides || "(none)"}, with ${found.variations} variation(s) each, counted from 0`,
    );
  }
  const { raRad, decRad } = ringToSky(unit.nside, unit.pixel);
  const fitted = found.results.map((record) => fittedOf(record, found.workers)).sort((a, b) => a.posvar - b.posvar);
  const result = fitted.find((one) => one.posvar === unit.posvar);
  return {
    unit: id,
    scanId: found.scanId,
    state: result !== undefined ? "done" : found.gaveUp !== undefined ? "failed" : "open",
    raDeg: (raRad * 180) / Math.PI,
    decDeg: (decRad * 180) / Math.PI,
    attempt: found.failures.length + 1,
    seed: found.source === undefined ? undefined : { ...found.source, best: await bestOf(directory, found.source) },
    failures: found.failures,
    deadLetterArrivals: found.deadLetterArrivals,
    workersLost: found.workersLost,
    result,
    gaveUp: found.gaveUp,
    variations: found.variations,
    fitted,
    winner: lowest(fitted),
  };
}

interface Found {
  scanId: string | undefined;
  variations: number;
  planned: boolean;
  readonly nsides: Set<number>;
  source: { readonly nside: number; readonly pixel: number } | undefined;
  readonly workers: WorkerRecord[];
  readonly results: ResultRecord[];
  readonly failures: FailureRecord[];
  deadLetterArrivals: number;
  readonly workersLost: string[];
  gaveUp: { readonly code: string; readonly message: string } | undefined;
}

async function collect(directory: string, unit: UnitKey): Promise<Found> {
  const found: Found = {
    scanId: undefined,
    variations: 1,
    planned: false,
    nsides: new Set(),
    source: undefined,
    workers: [],
    results: [],
    failures: [],
    deadLetterArrivals: 0,
    workersLost: [],
    gaveUp: undefined,
  };
  const samePixel = (key: UnitKey): boolean => key.nside === unit.nside && key.pixel === unit.pixel;
  const same = (key: UnitKey): boolean => samePixel(key) && key.posvar === unit.posvar;
  await eachRecord(directory, (record) => {
    switch (record.type) {
      case "header":
        found.scanId ??= record.scanId;
        found.variations = Number(record.settings["positionVariations"] ?? 1);
        return;
      case "plan": {
        found.nsides.add(record.nside);
        const at = record.nside === unit.nside ? record.pixels.indexOf(unit.pixel) : -1;
        if (at < 0) return;
        found.planned = true;
        const nside = record.sourceNsides[at]!;
        if (nside > 0) found.source = { nside, pixel: record.sourcePixels[at]! };
        return;
      }
      case "worker":
        found.workers.push(record);
        return;
      case "result":
        if (samePixel(record)) found.results.push(record);
        return;
      case "failure":
        if (same(record)) found.failures.push(record);
        return;
      case "gave-up":
        if (same(record)) found.gaveUp = { code: record.code, message: record.message };
        return;
      case "dead":
        if (same(record)) found.deadLetterArrivals += 1;
        return;
      case "lost":
        if (same(record)) found.workersLost.push(record.worker);
        return;
      case "run":
      case "sent-away":
      case "end":
    }
  });
  return found;
}

/** The best fit of a pixel, as the seeds of the finer ones have it: lowest llh, NaN never, ties to the lowest variation. */
async function bestOf(
  directory: string,
  pixel: { readonly nside: number; readonly pixel: number },
): Promise<FittedVariation | undefined> {
  const workers: WorkerRecord[] = [];
  const results: ResultRecord[] = [];
  await eachRecord(directory, (record) => {
    if (record.type === "worker") workers.push(record);
    if (record.type === "result" && record.nside === pixel.nside && record.pixel === pixel.pixel) results.push(record);
  });
  return lowest(results.map((record) => fittedOf(record, workers)).sort((a, b) => a.posvar - b.posvar));
}

function lowest(fitted: readonly FittedVariation[]): FittedVariation | undefined {
  let best: FittedVariation | undefined;
  for (const one of fitted) if (one.llh < (best?.llh ?? Infinity)) best = one;
  return best;
}

function fittedOf({ posvar, values, runtimeSec, worker }: ResultRecord, workers: readonly WorkerRecord[]): FittedVariation {
  const who = worker === undefined ? undefined : workers.find(({ index }) => index === worker);
  return { posvar, ...values, runtimeSec, worker: who?.worker, host: who?.host };
}

async function eachRecord(directory: string, found: (record: JournalRecord) => void): Promise<void> {
  const path = join(directory, journalName);
  const reader = createFrameReader((payload) => {
    let record: JournalRecord;
    try {
      record = decodeRecord(payload);
    } catch {
      // Of another version: nothing that could be told.
      return;
    }
    found(record);
  });
  try {
    for await (const chunk of createReadStream(path, { highWaterMark: 1024 * 1024 })) reader.push(chunk as Buffer);
  } catch (error) {
    throw new UsageError(`the journal ${path} cannot be read`, { cause: error });
  }
  reader.end();
}
