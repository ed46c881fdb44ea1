import { dirname, join } from "node:path";
import {
  packageVersion,
  replyDeliveryLimit,
  scanQueues,
  workDeliveryLimit,
  workersMaxLength,
  workersTimeToLiveSec,
  writeStartupFile,
} from "@skyscan/protocol";
import type { ScanQueues, StartupFile } from "@skyscan/protocol";
import type { QueueSpec } from "@skyscan/broker";
import type { containerSettingTable } from "@skyscan/recos/settings";
import { createReleases, messageOf, sweepTemporaryNames } from "@skyscan/runtime";
import type { Logger, Releases, SettingValues } from "@skyscan/runtime";
import { linkBroker } from "./broker/broker-link.ts";
import type { ResolveServerBroker } from "./broker/broker-link.ts";
import { conclude, endForClients, endForClientsAgain } from "./conclude.ts";
import { journalName } from "./cache/find-scans.ts";
import { openMetricsServer } from "./report/metrics-server.ts";
import { createEngine } from "./engine.ts";
import { endOfError } from "./end-of-error.ts";
import type { serverSettingTable } from "./request/env.ts";
import { readInputs } from "./request/inputs.ts";
import { prepareInputs, startupFileOf } from "./request/prepared.ts";
import type { ProgressSnapshot } from "./report/progress.ts";
import { createReporter } from "./reporter.ts";
import type { ScanEnd, ScanRequest } from "./request/request.ts";
import { ensureDirectory, openScanCache } from "./cache/scan-cache.ts";
import { manifestPath, writeResult } from "./report/output.ts";
import { openStatusSocket, removeLeftSocket } from "./cache/status-socket.ts";

export interface ScanContext {
  readonly environment: SettingValues<typeof serverSettingTable>;
  /** For the reco's `prepare` step. */
  readonly containers?: SettingValues<typeof containerSettingTable>;
  readonly resolveBroker: ResolveServerBroker;
  /** A file with the broker's token that clients of this user can read too, when there is one. */
  readonly tokenFile: string | null;
  readonly logger: Logger;
  /** Aborted by the first signal: the scan stops, resumable. */
  readonly signal: AbortSignal;
  /** Called about twice a second, and at the end. */
  readonly onProgress?: (snapshot: ProgressSnapshot) => void;
}

/**
 * One scan, from the event file to the files of its result: DESIGN, section 4, in one function.
 * Never rejects for what users, brokers and disks do: that becomes the status and the sentence of the end.
 */
export async function runScan(request: ScanRequest, context: ScanContext): Promise<ScanEnd> {
  const startedMs = Date.now();
  const releases = createReleases();
  let end: ScanEnd;
  let begun = false;
  try {
    const metrics = request.metrics && (await openMetricsServer(request.metrics, context.logger));
    if (metrics !== undefined) releases.add(() => metrics.close());
    const read = await readInputs(request, context.environment, context.logger, context.signal);
    await ensureDirectory("--output-dir", request.outputDir);
    await sweepTemporaryNames(dirname(request.clientStartupJson));
    const opened = await openScanCache(read, request, context.environment.scanId, context.logger);
    releases.add(() => opened.close());
    const { scanId } = opened;
    const logger = context.logger.child({ scan: scanId });
    logger.info(
      { run: opened.run, cache: opened.directory, isRealEvent: read.isRealEvent, done: opened.resumedUnits },
      opened.run > 1 ? "scan goes on" : "scan begins",
    );
    if (opened.wasComplete) {
      const files = await writeResult(request.outputDir, read, opened.state, true);
      await writeStartupFile(request.clientStartupJson, { ...startupFileOf(read, {}, scanId, nowhere), ended: true });
      await removeLeftSocket(opened.directory);
      await endForClientsAgain(context.resolveBroker, opened, logger);
      end = { status: 0, why: "the scan was complete already: its result is written again", files };
      return await closed(end, releases, context.logger);
    }
    const { inputs, prepared } = await prepareInputs(read, {
      eventFile: request.eventFile,
      gcdDir: request.gcdDir,
      scratchDir: join(opened.directory, "prepare"),
      container: request.container ?? context.containers?.container,
      pullAlways: context.containers?.pullAlways,
      logger: context.logger,
      signal: context.signal,
    });

    begun = true;
    const link = await linkBroker(context.resolveBroker, context.tokenFile, request.listen, opened.directory, logger);
    releases.add(() => link.close());
    const queues = scanQueues(scanId);
    const lock = await link.broker.lock(queues.lock);
    releases.add(() => lock.release());
    await link.broker.declare(queueSpecs(queues), queues.control);
    const broadcaster = await link.broker.broadcaster(queues.control);
    releases.add(() => broadcaster.close());
    const startup = startupFileOf(inputs, prepared, scanId, link.startup);
    await writeStartupFile(request.clientStartupJson, startup);
    logger.info({ path: request.clientStartupJson }, "clients may start");

    const engine = await createEngine({
      inputs,
      opened,
      broker: link.broker,
      queues,
      broadcaster,
      maxAttempts: request.maxAttempts,
      threshold: request.predictiveScanningThreshold,
      windowMin: context.environment.windowMin,
      speculation: context.environment.speculation,
      batchSec: context.environment.batchSec,
      repliesTimeoutSec: context.environment.repliesTimeoutSec,
      startedMs,
      onFit: (nside, runtimeSec, failure) => metrics?.fitted(nside, runtimeSec, failure),
      logger,
      signal: context.signal,
    });
    releases.add(() => engine.close());
    metrics?.attach({
      info: { scan: scanId, event: inputs.event.name, reco: inputs.reco.manifest.name, version: packageVersion },
      numbers: () => engine.view.numbers(),
      journalPath: join(opened.directory, journalName),
    });
    const socket = await openStatusSocket(opened.directory, manifestPath(request.outputDir, inputs.event.name), (question) => {
      switch (question.ask) {
        case "status":
          return engine.view.manifest();
        case "unit":
          return engine.view.unit(question.unit ?? "");
        case "stop":
          engine.end({ kind: "stopped", why: "stopped by skyscan status --stop" });
          return { ok: true };
        case "finish-now":
          engine.end({ kind: "finish-now" });
          return { ok: true };
      }
    });
    releases.add(() => socket.close());
    const reporter = createReporter({
      engine,
      opened,
      inputs,
      outputDir: request.outputDir,
      progressIntervalSec: context.environment.progressIntervalSec,
      resultIntervalSec: context.environment.resultIntervalSec,
      logger,
      ...(context.onProgress !== undefined && { onProgress: context.onProgress }),
    });
    reporter.start();
    releases.add(() => reporter.stop());

    const how = await engine.run();
    end = await conclude(how, { reporter, opened, logger });
    if (end.status === 0 || end.status === 3 || end.status === 8) {
      await endForClients({
        engine,
        link,
        queues,
        broadcaster,
        scanId,
        run: opened.run,
        startupPath: request.clientStartupJson,
        startup,
        logger,
      });
    }
  } catch (error) {
    // Reading inputs and preparing are ended by the signal, and say so in words of their own.
    const stopped = !begun && context.signal.aborted;
    const known = stopped
      ? ({ status: 5, why: "stopped by a signal before the scan began", files: [] } as const)
      : endOfError(error);
    if (known === undefined) {
      await closed(undefined, releases, context.logger);
      throw error;
    }
    end = known;
  }
  return closed(end, releases, context.logger);
}

async function closed<T>(value: T, releases: Releases, logger: Logger): Promise<T> {
  try {
    await releases.run();
  } catch (error) {
    logger.warn({ reason: messageOf(error) }, "closing did not go well");
  }
  return value;
}

function queueSpecs(queues: ScanQueues): readonly QueueSpec[] {
  return [
    { name: queues.dead, durability: "durable", deliveryLimit: replyDeliveryLimit },
    { name: queues.work, durability: "durable", deliveryLimit: workDeliveryLimit, deadLetterTo: queues.dead },
    { name: queues.replies, durability: "durable", deliveryLimit: replyDeliveryLimit, soleConsumer: true },
    { name: queues.workers, durability: "transient", timeToLiveSec: workersTimeToLiveSec, maxLength: workersMaxLength },
  ];
}

/** A startup file for a scan that is over: nobody connects to anything. */
const nowhere: StartupFile["broker"] = { client: "embedded", address: "none", tokenFile: null };
