import { stat } from "node:fs/promises";
import type { CounterConfiguration, GaugeConfiguration, Registry } from "prom-client";
import type { FailureCode } from "@skyscan/protocol";
import type { Counters } from "../state/counters.ts";
import type { ScanPhase } from "./manifest.ts";
import type { NsideOutlook } from "./outlook.ts";
import { tallyOf } from "../workers/worker-tally.ts";
import type { WorkerTally } from "../workers/worker-tally.ts";
import { isAlive } from "../workers/workers.ts";
import type { Worker } from "../workers/workers.ts";

/** A running scan in numbers, as it is at a scrape. */
export interface ScanNumbers {
  readonly phase: ScanPhase;
  readonly nsides: readonly NsideOutlook[];
  readonly posvars: number;
  /** Of the final units, those that are NaN because they failed, by nside. */
  readonly failedByNside: ReadonlyMap<number, number>;
  readonly outstandingUnits: number;
  readonly waitingUnits: number;
  readonly workers: readonly Worker[];
  readonly secondsLeft: number | undefined;
  readonly bestLlh: number | undefined;
  readonly brokerUp: boolean;
  readonly counters: Counters;
}

/** Who the numbers are of. */
export interface MetricsSource {
  readonly info: { readonly scan: string; readonly event: string; readonly reco: string; readonly version: string };
  readonly numbers: () => ScanNumbers;
  readonly journalPath: string;
}

/** A scan's metrics in a registry of their own. */
export interface Metrics {
  readonly registry: Registry;
  /** From now on these numbers are shown. */
  attach(source: MetricsSource): void;
  /** A fit ended at some client. */
  fitted(nside: number, runtimeSec: number, failure: FailureCode | undefined): void;
}

/** Fits take from milliseconds (tests) to hours, seconds. */
const fitBuckets = [0.001, 0.01, 0.1, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200];
const workerStates: readonly Worker["state"][] = ["hello", "working", "draining", "goodbye", "lost"];
const unknown = NaN;

type Labels<Name extends string = string> = Partial<Record<Name, string | number>>;

/** Imports prom-client only when called: most scans are not scraped. */
export async function createMetrics(): Promise<Metrics> {
  const { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } = await import("prom-client");
  const registry = new Registry();
  const registers = [registry];
  let source: MetricsSource | undefined;
  collectDefaultMetrics({ register: registry });

  /** Makes metrics of one kind whose values are set anew at each scrape. */
  const scraped =
    <Metric extends { reset(): void }>(
      make: (configuration: GaugeConfiguration<string> & CounterConfiguration<string>) => Metric,
      put: (metric: Metric, labels: Labels, value: number) => void,
    ) =>
    <Label extends string>(
      name: string,
      help: string,
      labelNames: readonly Label[],
      set: (numbers: ScanNumbers, to: (value: number, labels?: Labels<Label>) => void) => void,
    ): void => {
      const metric = make({
        name,
        help,
        labelNames,
        registers,
        collect() {
          metric.reset();
          if (source === undefined) return;
          set(source.numbers(), (value, labels = {}) => {
            put(metric, labels, value);
          });
        },
      });
    };
  const gauge = scraped(
    (configuration) => new Gauge(configuration),
    (metric, labels, value) => {
      metric.set(labels, value);
    },
  );
  /** Of what only grows. */
  const counter = scraped(
    (configuration) => new Counter(configuration),
    (metric, labels, value) => {
      metric.inc(labels, value);
    },
  );

  const info = new Gauge({
    name: "skyscan_info",
    help: "Always 1: which scan this is",
    labelNames: ["scan", "event", "reco", "version"],
    registers,
  });
  gauge("skyscan_phase", "1 for what the scan is doing now", ["phase"], ({ phase }, to) => to(1, { phase }));
  counter("skyscan_units_total", "Final units, over all starts of the server", ["nside", "state"], (numbers, to) => {
    for (const { nside, finalUnits } of numbers.nsides) {
      const failed = numbers.failedByNside.get(nside) ?? 0;
      to(finalUnits - failed, { nside, state: "done" });
      to(failed, { nside, state: "failed" });
    }
  });
  gauge("skyscan_planned_units", "Units that were decided on", ["nside"], ({ nsides }, to) => {
    for (const { nside, plannedUnits } of nsides) to(plannedUnits, { nside });
  });
  gauge("skyscan_predicted_units", "Units there will be at least", ["nside"], ({ nsides, posvars }, to) => {
    for (const { nside, predictedPixels } of nsides) to(predictedPixels * posvars, { nside });
  });
  gauge("skyscan_outstanding_units", "Units that are out at clients or in the broker", [], (n, to) => to(n.outstandingUnits));
  gauge("skyscan_waiting_units", "Planned units that wait at the server", [], (n, to) => to(n.waitingUnits));
  gauge("skyscan_workers", "Clients that ever came, by state", ["state"], ({ workers }, to) => {
    for (const state of workerStates) to(workers.filter((worker) => worker.state === state).length, { state });
  });
  gauge("skyscan_slots", "Fits that the clients that are alive can run at once", [], (n, to) => to(tallyOfAlive(n).slots));
  gauge("skyscan_hosts", "Hosts of the clients that are alive", [], (n, to) => to(tallyOfAlive(n).hosts.size));
  gauge("skyscan_time_left_seconds", "Estimated time to the end; NaN while unknown", [], (n, to) => to(n.secondsLeft ?? unknown));
  gauge("skyscan_best_llh", "Lowest llh so far; NaN while there is none", [], (n, to) => to(n.bestLlh ?? unknown));
  gauge("skyscan_broker_up", "1 while the broker is connected and takes messages", [], (n, to) => to(n.brokerUp ? 1 : 0));
  counter("skyscan_faults_total", "What went wrong and was dealt with, since this server's start", ["fault"], (n, to) => {
    for (const [fault, count] of Object.entries(n.counters)) to(count as number, { fault });
  });
  const journal = new Gauge({
    name: "skyscan_journal_bytes",
    help: "Size of the scan's journal",
    registers,
    async collect() {
      if (source !== undefined) journal.set((await stat(source.journalPath)).size);
    },
  });
  const durations = new Histogram({
    name: "skyscan_fit_duration_seconds",
    help: "How long fits took at the clients, those that failed too",
    labelNames: ["nside"],
    buckets: fitBuckets,
    registers,
  });
  const failures = new Counter({
    name: "skyscan_fit_failures_total",
    help: "Fits that failed, by code, since this server's start",
    labelNames: ["code"],
    registers,
  });

  return {
    registry,
    attach(next) {
      source = next;
      info.set(next.info, 1);
    },
    fitted(nside, runtimeSec, failure) {
      durations.observe({ nside }, runtimeSec);
      if (failure !== undefined) failures.inc({ code: failure });
    },
  };
}

const tallyOfAlive = ({ workers }: ScanNumbers): WorkerTally => tallyOf(workers.filter(isAlive));
