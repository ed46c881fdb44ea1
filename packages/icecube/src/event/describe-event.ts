import { createSkyFrame } from "../coordinates/sky-frame.ts";
import { formatDaqTime } from "../frame/daq-time.ts";
import { pulseFlag } from "../frame/pulse-map.ts";
import type { Event, EventMetadata } from "./event.ts";

/** A recorded fit with its place in the sky; null = not known (JSON has no NaN). */
export interface FitSummary {
  readonly zenithDeg: number | null;
  readonly azimuthDeg: number | null;
  readonly raDeg: number | null;
  readonly decDeg: number | null;
  readonly xM: number | null;
  readonly yM: number | null;
  readonly zM: number | null;
  readonly timeNs: number | null;
  readonly energyGeV: number | null;
  readonly fitStatus: number;
  readonly llh: number | null;
  readonly ndof: number | null;
}

/** What `event show --json` prints. */
export interface EventSummary {
  readonly name: string;
  readonly metadata: Omit<EventMetadata, "isRealEvent"> & { readonly isRealEvent: boolean | null };
  readonly startUtc: string;
  readonly realtimeFormatVersion: string;
  readonly subEventStream: string;
  readonly pulses: {
    readonly key: string;
    readonly doms: number;
    readonly hlcDoms: number;
    readonly pulses: number;
    readonly charge: number;
    readonly firstNs: number | null;
    readonly lastNs: number | null;
  };
  readonly recorded: Readonly<Record<string, FitSummary>>;
  readonly vertices: Readonly<
    Record<string, { readonly xM: number; readonly yM: number; readonly zM: number; readonly timeNs: number | null }>
  >;
  readonly baselineGcd: string | null;
  readonly simulatedGeometry: string | null;
}

const deg = 180 / Math.PI;
const finite = (value: number | undefined): number | null => (value !== undefined && Number.isFinite(value) ? value : null);

/** The event in a form that can be written as JSON. Angles in degrees, right ascension and declination ICRS. */
export function summarizeEvent(event: Event): EventSummary {
  const sky = createSkyFrame(event.metadata.mjd);
  const recorded: Record<string, FitSummary> = {};
  for (const [key, fit] of Object.entries(event.recorded)) {
    const known = Number.isFinite(fit.zenithRad) && Number.isFinite(fit.azimuthRad);
    const equatorial = known ? sky.dirToEqua(fit.zenithRad, fit.azimuthRad) : undefined;
    recorded[key] = {
      zenithDeg: finite(fit.zenithRad * deg),
      azimuthDeg: finite(fit.azimuthRad * deg),
      raDeg: equatorial === undefined ? null : equatorial.raRad * deg,
      decDeg: equatorial === undefined ? null : equatorial.decRad * deg,
      xM: finite(fit.xM),
      yM: finite(fit.yM),
      zM: finite(fit.zM),
      timeNs: finite(fit.timeNs),
      energyGeV: finite(fit.energyGeV),
      fitStatus: fit.fitStatus,
      llh: finite(fit.llh),
      ndof: fit.ndof ?? null,
    };
  }
  const vertices = Object.fromEntries(
    Object.entries(event.vertices).map(([name, { xM, yM, zM, timeNs }]) => [name, { xM, yM, zM, timeNs: timeNs ?? null }]),
  );
  return {
    name: event.name,
    metadata: { ...event.metadata, isRealEvent: event.metadata.isRealEvent ?? null },
    startUtc: formatDaqTime(event.header.start),
    realtimeFormatVersion: event.realtimeFormatVersion,
    subEventStream: event.header.subEventStream,
    pulses: summarizePulses(event),
    recorded,
    vertices,
    baselineGcd: event.baselineGcd ?? null,
    simulatedGeometry: event.simulatedGeometry ?? null,
  };
}

function summarizePulses({ doms, pulseSeries }: Event): EventSummary["pulses"] {
  let pulses = 0;
  let charge = 0;
  let firstNs = Infinity;
  let lastNs = -Infinity;
  for (const dom of doms) {
    for (const [timeNs, pulseCharge] of dom.pulses) {
      pulses++;
      charge += pulseCharge;
      firstNs = Math.min(firstNs, timeNs);
      lastNs = Math.max(lastNs, timeNs);
    }
  }
  const hlcDoms = doms.filter((dom) => dom.pulses.some(([, , , flags]) => (flags & pulseFlag.hlc) !== 0)).length;
  return { key: pulseSeries, doms: doms.length, hlcDoms, pulses, charge, firstNs: finite(firstNs), lastNs: finite(lastNs) };
}

/** The lines of `event show`. */
export function describeEvent(event: Event): string[] {
  const summary = summarizeEvent(event);
  const { metadata, pulses } = summary;
  const kind = metadata.isRealEvent === null ? "does not tell" : metadata.isRealEvent ? "real" : "simulated";
  const lines = [
    summary.name,
    `  run ${metadata.runId}, event ${metadata.eventId}, type ${metadata.eventType} (${kind})`,
    `  start      ${summary.startUtc}  (mjd ${metadata.mjd})`,
    `  format     ${summary.realtimeFormatVersion}, sub-event stream ${summary.subEventStream || "(none)"}`,
    `  pulses     ${pulses.key}: ${pulses.doms} modules (${pulses.hlcDoms} with local coincidence), ${pulses.pulses} pulses, ` +
      `${pulses.charge.toFixed(1)} pe, ${pulses.firstNs ?? "-"} to ${pulses.lastNs ?? "-"} ns`,
    `  geometry   ${summary.simulatedGeometry ?? (summary.baselineGcd === null ? "not named" : `difference to ${summary.baselineGcd}`)}`,
  ];
  for (const [name, { xM, yM, zM, timeNs }] of Object.entries(summary.vertices)) {
    lines.push(`  vertex     ${name}: (${fixed(xM)}, ${fixed(yM)}, ${fixed(zM)}) m, ${timeNs ?? "-"} ns`);
  }
  const names = Object.keys(summary.recorded);
  const width = Math.max(0, ...names.map(({ length }) => length));
  if (names.length > 0) lines.push(`  recorded   ${"".padEnd(width)}   ra        dec       zenith    azimuth   llh`);
  for (const [name, fit] of Object.entries(summary.recorded)) {
    const angles = [fit.raDeg, fit.decDeg, fit.zenithDeg, fit.azimuthDeg].map((angle) =>
      (angle === null ? "-" : angle.toFixed(3)).padEnd(10),
    );
    const state = fit.fitStatus === 0 ? "" : `  (fit status ${fit.fitStatus})`;
    lines.push(
      `             ${name.padEnd(width)}   ${angles.join("")}${fit.llh === null ? "" : fit.llh.toFixed(2)}${state}`.trimEnd(),
    );
  }
  return lines;
}

const fixed = (value: number): string => (Number.isFinite(value) ? value.toFixed(2) : "-");
