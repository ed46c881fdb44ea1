import { describe, expect, test } from "vitest";
import { createCounters } from "../src/state/counters.ts";
import { formatDuration, makeManifest } from "../src/report/manifest.ts";
import type { ManifestFacts } from "../src/report/manifest.ts";
import { outlook } from "../src/report/outlook.ts";
import { progressLine } from "../src/report/progress.ts";
import type { ProgressSnapshot } from "../src/report/progress.ts";
import { situationOf } from "../src/workers/presence.ts";
import type { ScanState } from "../src/state/scan-state.ts";
import { createDurations } from "../src/state/statistics.ts";
import { createWorkers } from "../src/workers/workers.ts";
import { statusOf } from "./deliveries.ts";
import { failureOf, planOf, resultOf, stateOf, unit, upTo } from "./stand-ins.ts";

/** Half of nside 1 done, two variations each; pixel 11 has one failed variation. */
function halfway(): ScanState {
  const done = upTo(6).flatMap((pixel) => [resultOf(unit(1, pixel, 0), 1), resultOf(unit(1, pixel, 1), 2)]);
  return stateOf("1:0 2:2 4:30", 2, planOf(1, upTo(12)), ...done, failureOf(unit(1, 11, 1), 1), {
    type: "gave-up",
    ...unit(1, 11, 1),
    code: "crashed",
    message: "exit status 1",
  });
}

describe("the outlook", () => {
  test("of what is planned says what is done; of the rest, what there will be at least, never more than the sky", () => {
    expect(outlook(halfway(), undefined)).toEqual([
      { nside: 1, plannedPixels: 12, finalPixels: 6, plannedUnits: 24, finalUnits: 13, predictedPixels: 12 },
      { nside: 2, plannedPixels: 0, finalPixels: 0, plannedUnits: 0, finalUnits: 0, predictedPixels: 8 },
      { nside: 4, plannedPixels: 0, finalPixels: 0, plannedUnits: 0, finalUnits: 0, predictedPixels: 120 },
    ]);
    expect(outlook(stateOf("1:0 2:100", 1), undefined)[1]!.predictedPixels).toBe(48);
  });

  test("of the default progression is 768, 768 and 1536 pixels before anything is known", () => {
    expect(outlook(stateOf("8:0 64:12 512:24", 7), undefined).map(({ predictedPixels }) => predictedPixels)).toEqual([
      768, 768, 1536,
    ]);
  });

  test("of a pointed scan is its own pixels", () => {
    expect(outlook(stateOf("64:0", 1), 57)[0]!.predictedPixels).toBe(57);
  });
});

function factsOf(more: Partial<ManifestFacts> = {}): ManifestFacts {
  const state = halfway();
  const durations = createDurations();
  durations.add(2);
  const workers = createWorkers(() => 1_000_000);
  workers.beat(statusOf("host-a-1", { slots: 4, done: 12, failed: 1 }));
  workers.beat(statusOf("host-b-1", { state: "goodbye", why: "told to" }));
  return {
    phase: "scanning",
    summary: "half",
    scanId: "scan-1",
    run: 2,
    event: { runId: 136662, eventId: 35405932, eventType: "neutrino", mjd: 59715.1, isRealEvent: true },
    reco: { name: "pandel", version: "1.0.0", options: { hits: "srt" }, calibrated_levels: { "50": 22.2 } },
    state,
    outlook: outlook(state, undefined),
    threshold: 1,
    startedMs: 1_000_000,
    firstPublishMs: 1_002_000,
    firstOutcomeMs: 1_010_000,
    firstRuntimeSec: 3,
    nowMs: 1_100_000,
    secondsLeft: 3700,
    rest: [{ nside: 64, units: 10, slotSecPerUnit: 2.5 }],
    workerTime: new Map([[1, durations]]),
    roundTrip: new Map(),
    workers: [...workers.all],
    situation: situationOf({ run: 2, workers: [...workers.all], proven: true, failuresInRow: 0, lastFailure: undefined }),
    hosts: state.hosts,
    resultsByHost: new Map([["host-c", 12]]),
    broker: "up",
    counters: createCounters(),
    best: { nside: 1, pixel: 0, llh: 1, raDeg: 45, decDeg: 41.8 },
    ...more,
  };
}

describe("the manifest", () => {
  test("has the predecessor's keys", () => {
    const manifest = JSON.parse(JSON.stringify(makeManifest(factsOf()))) as Record<
      string,
      Record<string, Record<string, unknown>>
    >;
    expect(manifest).toMatchObject({
      progress: {
        tallies: {
          nsides: {
            "1": { done: 6, "est. percent": "6/12 (0.5000)", "est. percent (recos)": "13/24 (0.5417)" },
            "2": { done: 0, "est. percent": "N/A (8 predicted)" },
          },
          "total pixels": 6,
          "total recos": 13,
          "est. scan percent": "6/140 (0.0429)",
        },
        processing_stats: {
          start: {
            "scanner start": "1970-01-01T00:16:40.000Z",
            "reco start (on server)": "1970-01-01T00:16:42.000Z",
            "reco start (on first worker)": "1970-01-01T00:16:47.000Z",
          },
          runtime: {
            elapsed: "0:01:40",
            "startup runtime": "0:00:02",
            "reco runtime (on server)": "0:01:38",
            "reco start delay (on first worker)": "0:00:05",
          },
          rate: { "nside-1": { "worker time": { mean: 2, median: 2, slowest: 2, fastest: 2 } } },
          predictions: {
            "time left": "1:01:40",
            "total runtime at finish": "1:03:20",
            "total # of reconstructions": 280,
            end: "1970-01-01T01:20:00.000Z",
            rest: [{ nside: 64, recos: 10, "slot seconds per reco": 2.5 }],
          },
        },
        predictive_scanning_threshold: 1,
        last_updated: "1970-01-01T00:18:20.000Z",
      },
      event_metadata: {
        run_id: 136662,
        event_id: 35405932,
        event_type: "neutrino",
        mjd: 59715.1,
        is_real_event: true,
        version: 1,
      },
      scan_metadata: { scan_id: "scan-1", nside_progression: { "1": 0, "2": 2, "4": 30 }, position_variations: 2 },
    });
  });

  test("and what it did not have: state, workers, failures with their tries, counters, best fit", () => {
    expect(makeManifest(factsOf())).toMatchObject({
      state: "scanning",
      complete: false,
      preliminary: true,
      best_fit: { nside: 1, pixel: 0, llh: 1 },
      workers: {
        alive: 1,
        slots: 4,
        hosts: 1,
        "ever seen": 2,
        presence: "working",
        situation: "1 client with 4 slots",
        list: [{ worker: "host-a-1", "last beat (sec ago)": 100 }, { why: "told to" }],
        "by host": [
          {
            host: "host-a",
            alive: 1,
            failures: 1,
            "by code": { crashed: 1 },
            "last failure": { unit: "1/11/1", code: "crashed", message: "exit status 1", "end of stderr": "" },
          },
          { host: "host-b", alive: 0, failures: 0 },
          { host: "host-c", "results (this run)": 12 },
        ],
      },
      broker: "up",
      failures: {
        "failed units": 1,
        "by code": { crashed: 1 },
        list: [{ unit: "1/11/1", code: "crashed", reason: "exit status 1", tries: [{ host: "host-a", code: "crashed" }] }],
      },
      counters: createCounters(),
    });
  });

  test("lists no more than it is asked to, the alive and the worst first", () => {
    const brief = makeManifest(factsOf(), 1) as { workers: { list: object[]; "by host": object[] } };
    expect(brief.workers.list).toMatchObject([{ worker: "host-a-1" }]);
    expect(brief.workers["by host"]).toMatchObject([{ host: "host-a" }]);
  });

  test("at the end has the end in place of predictions", () => {
    const finished = makeManifest(factsOf({ phase: "finished" })) as { progress: { processing_stats: object } };
    expect(finished).toMatchObject({ state: "finished", complete: true, preliminary: false });
    expect(finished.progress.processing_stats).toMatchObject({ end: "1970-01-01T00:18:20.000Z", finished: true });
    expect(finished.progress.processing_stats).not.toHaveProperty("predictions");
  });

  test("before the first fit says null, not nonsense", () => {
    const early = makeManifest(
      factsOf({
        firstPublishMs: undefined,
        firstOutcomeMs: undefined,
        firstRuntimeSec: undefined,
        secondsLeft: undefined,
        rest: [],
        best: undefined,
      }),
    );
    expect(early).toMatchObject({
      best_fit: null,
      progress: {
        processing_stats: { start: { "reco start (on server)": null }, predictions: { "time left": null, end: null } },
      },
    });
    expect(JSON.stringify(early)).not.toMatch(/NaN|undefined/);
  });
});

test.each([
  [0, "0:00:00"],
  [59.6, "0:01:00"],
  [3599, "0:59:59"],
  [360_000, "100:00:00"],
  [-5, "0:00:00"],
])("%s seconds are %s", (seconds, text) => {
  expect(formatDuration(seconds)).toBe(text);
});

describe("the progress line", () => {
  const snapshot: ProgressSnapshot = {
    scanId: "scan-1",
    phase: "scanning",
    finalUnits: 13,
    predictedUnits: 280,
    perSec: 0.5,
    secondsLeft: 534,
    rest: [],
    nsides: outlook(halfway(), undefined),
    failedUnits: 0,
    workersAlive: 2,
    slots: 8,
    situation: { presence: "working", sentence: "2 clients with 8 slots" },
    brokerState: "up",
    best: undefined,
  };

  test("says where the scan is and who works on it", () => {
    expect(progressLine(snapshot)).toBe(
      "4.6 % (13 of 280 fits; nside 1: 6/12, nside 2: 0/8, nside 4: 0/120), 0.5/s, 0:08:54 left, 2 clients with 8 slots",
    );
  });

  test("and what is wrong", () => {
    const none: ProgressSnapshot["situation"] = { presence: "no-client", sentence: "no client has ever come" };
    expect(progressLine({ ...snapshot, situation: none })).toContain("no client has come yet");
    const line = progressLine({
      ...snapshot,
      situation: { presence: "all-gone", sentence: "all 3 clients are gone: 3 lost" },
      failedUnits: 2,
      brokerState: "down (gone)",
      secondsLeft: undefined,
      rest: [],
      best: { nside: 1, pixel: 0, llh: -1.234, raDeg: 45, decDeg: -41.8 },
    });
    expect(line).toContain(
      "all 3 clients are gone: 3 lost, 2 failed, broker down (gone), best llh -1.23 at RA 45.00, dec -41.80 deg",
    );
    expect(line).not.toContain("left,");
  });
});
