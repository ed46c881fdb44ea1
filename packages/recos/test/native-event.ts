import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { eventForReco, icecube86, readEventFile } from "@skyscan/icecube";
import type { Event } from "@skyscan/icecube";
import { dataPath } from "@skyscan/testing";
import { afterAll } from "vitest";
import { startNative } from "./native-process.ts";
import type { NativeProcess } from "./native-process.ts";

export interface Direction {
  readonly zenithRad: number;
  readonly azimuthRad: number;
}

/** The SPE fit that IceCube's own software recorded in the file. */
export interface RecordedSpe extends Direction {
  readonly llh: number;
  /** The fit has five unknowns. */
  readonly hits: number;
}

/** `unit` as the protocol has it; the direction decides. */
export const unitOf = (unit: string, direction: object, seed: object | null = null): object => ({
  type: "unit",
  unit,
  nside: 1,
  pixel: 0,
  posvar: 0,
  direction,
  seed,
  fallbackSeed: null,
  attempt: 1,
  timeLimitSec: 60,
});

export interface NativeResult {
  readonly type: string;
  readonly unit: string;
  readonly llh: number | null;
  readonly xM: number | null;
  readonly yM: number | null;
  readonly zM: number | null;
  readonly timeNs: number | null;
  readonly code?: string;
  readonly message?: string;
  readonly retry?: boolean;
}

export const parseReply = (line: string): NativeResult => JSON.parse(line) as NativeResult;

const directories = mkdtempSync(join(tmpdir(), "native-reco-"));
afterAll(() => rmSync(directories, { recursive: true, force: true }));

/** A startup file with this `event`; returns the `start` message that names it. */
export function startMessage(event: unknown, more: object = {}): object {
  const scratch = mkdtempSync(join(directories, "slot-"));
  const startup = join(scratch, "startup.json");
  writeFileSync(
    startup,
    JSON.stringify({ version: 1, scan_id: "s", mq_basename: "s", reco_algo: "pandel", event, ended: false }),
  );
  return { type: "start", protocol: 1, startup, slot: 0, scratch, ...more };
}

export const openEvent = (file: string): Promise<Event> => readEventFile(dataPath(`events/${file}`));

export const recoEvent = (event: Event): object => eventForReco(event, icecube86(), true);

/** From the alert's own summary, or from the fit parameters in the frame. */
export function recordedSpe(event: Event): RecordedSpe {
  const reco = event.summary?.["reco"] as { spefit2?: { zen: number; azi: number; llh: number; ndof: number } } | undefined;
  const summary = reco?.spefit2;
  if (summary !== undefined) {
    return { zenithRad: summary.zen, azimuthRad: summary.azi, llh: summary.llh, hits: summary.ndof + 5 };
  }
  const { zenithRad, azimuthRad, llh, ndof } = event.recorded["HESE_SPEFit2"]!;
  return { zenithRad, azimuthRad, llh: llh!, hits: ndof! + 5 };
}

/** A process that has read the event and is ready. */
export async function startOn(event: object, args: readonly string[], executable?: string): Promise<NativeProcess> {
  const native = startNative(args, executable);
  native.send(startMessage(event));
  await native.line();
  return native;
}

/** Fits directions in one go, in order. */
export async function fitAll(native: NativeProcess, directions: readonly Direction[]): Promise<NativeResult[]> {
  native.send(...directions.map((direction, i) => unitOf(String(i), direction)));
  return (await native.lines(directions.length)).map(parseReply);
}

/** Degrees between two directions. */
export function separationDeg(a: Direction, b: Direction): number {
  const cos =
    Math.sin(a.zenithRad) * Math.sin(b.zenithRad) * Math.cos(a.azimuthRad - b.azimuthRad) +
    Math.cos(a.zenithRad) * Math.cos(b.zenithRad);
  return (Math.acos(Math.min(1, cos)) * 180) / Math.PI;
}
