import { messageOf, sweepTemporaryNames } from "@skyscan/runtime";
import type { Logger } from "@skyscan/runtime";
import type { Engine } from "./engine.ts";
import type { ScanInputs } from "./request/inputs.ts";
import type { ScanPhase } from "./report/manifest.ts";
import { writeManifest, writeResult } from "./report/output.ts";
import { progressLine } from "./report/progress.ts";
import type { ProgressSnapshot } from "./report/progress.ts";
import type { OpenedScan } from "./cache/scan-cache.ts";

const progressCallMs = 500;

export interface ReporterOptions {
  readonly engine: Engine;
  readonly opened: OpenedScan;
  readonly inputs: ScanInputs;
  readonly outputDir: string;
  readonly progressIntervalSec: number;
  readonly resultIntervalSec: number;
  readonly logger: Logger;
  readonly onProgress?: (snapshot: ProgressSnapshot) => void;
}

/** Tells how the scan goes: at its intervals, also while nothing arrives. */
export interface Reporter {
  start(): void;
  /** Result and manifest as they stand, for the end. @throws ServerError `storage`. Returns the files, results first. */
  final(phase: ScanPhase): Promise<readonly string[]>;
  stop(): Promise<void>;
}

export function createReporter(options: ReporterOptions): Reporter {
  const { engine, opened, inputs, outputDir, logger, onProgress } = options;
  const timers: NodeJS.Timeout[] = [];
  let writing: Promise<unknown> = Promise.resolve();

  /** One file operation after the other, so that an old partial result never overtakes a newer one. */
  function queue<T>(what: () => Promise<T>): Promise<T> {
    const next = writing.then(what);
    writing = next.catch(() => undefined);
    return next;
  }
  const partly = (what: () => Promise<unknown>): void => {
    queue(what).catch((error: unknown) =>
      logger.warn({ reason: messageOf(error) }, "a partial result or manifest could not be written"),
    );
  };

  return {
    start() {
      partly(() => writeManifest(outputDir, inputs.event.name, engine.view.manifest()));
      timers.push(
        setInterval(() => {
          logger.info({}, progressLine(engine.view.snapshot()));
          partly(() => writeManifest(outputDir, inputs.event.name, engine.view.manifest()));
        }, options.progressIntervalSec * 1000),
        setInterval(() => partly(() => writeResult(outputDir, inputs, opened.state, false)), options.resultIntervalSec * 1000),
      );
      if (onProgress !== undefined) timers.push(setInterval(() => onProgress(engine.view.snapshot()), progressCallMs));
    },
    async final(phase) {
      for (const timer of timers) clearInterval(timer);
      onProgress?.(engine.view.snapshot());
      logger.info({}, progressLine(engine.view.snapshot()));
      return queue(async () => {
        const results = await writeResult(outputDir, inputs, opened.state, phase === "finished");
        const manifests = await writeManifest(outputDir, inputs.event.name, engine.view.manifest(phase));
        // What could not be removed when it could not be written either: the directory was read-only for a while.
        await sweepTemporaryNames(outputDir);
        return [...results, ...manifests];
      });
    },
    async stop() {
      for (const timer of timers) clearInterval(timer);
      await writing;
    },
  };
}
