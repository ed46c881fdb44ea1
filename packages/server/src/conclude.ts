import { BrokerError, openBroker } from "@skyscan/broker";
import type { Broadcaster } from "@skyscan/broker";
import { encode, protocolVersion, scanQueues, writeStartupFile } from "@skyscan/protocol";
import type { ScanQueues, StartupFile } from "@skyscan/protocol";
import { messageOf, pause } from "@skyscan/runtime";
import type { Logger } from "@skyscan/runtime";
import type { BrokerLink, ResolveServerBroker } from "./broker/broker-link.ts";
import type { Engine } from "./engine.ts";
import type { EngineEnd } from "./engine-end.ts";
import type { ScanPhase } from "./report/manifest.ts";
import type { Reporter } from "./reporter.ts";
import type { ScanEnd } from "./request/request.ts";
import type { OpenedScan } from "./cache/scan-cache.ts";

const endMessage = (scan: string, run: number): Uint8Array => encode({ v: protocolVersion, scan, run, type: "end" });
const queuesOf = ({ work, replies, dead, workers }: ScanQueues): readonly string[] => [work, replies, dead, workers];

/** How long clients have to say goodbye before the queues go. */
const goodbyeMs = 2000;

/** What the live part's end means: status, phase in the manifest, sentence. Throws what is no end of a scan but an error. */
function meaning(how: EngineEnd): { readonly status: ScanEnd["status"]; readonly phase: ScanPhase; readonly why: string } {
  switch (how.kind) {
    case "complete":
      return { status: 0, phase: "finished", why: "the scan is complete" };
    case "hopeless":
      return { status: 8, phase: "nothing-succeeds", why: `nothing succeeds: ${how.why}` };
    case "timed-out":
      return { status: 3, phase: "timed-out", why: `${how.why}; the partial result is PRELIMINARY` };
    case "finish-now":
      return { status: 3, phase: "finished-early", why: "finished early as asked; the partial result is PRELIMINARY" };
    case "stopped":
      return {
        status: 5,
        phase: "stopped",
        why: `${how.why}: this is safe, the same command goes on where it stopped; clients keep waiting for it`,
      };
    case "failed":
      if (how.error instanceof BrokerError && (how.error.code === "lost" || how.error.code === "queue-gone")) {
        return { status: 4, phase: "broken", why: `${messageOf(how.error)}; the same command goes on where it stopped` };
      }
      throw how.error;
  }
}

/** Last outcomes to the journal, result and manifest to their files. */
export async function conclude(
  how: EngineEnd,
  { reporter, opened, logger }: { readonly reporter: Reporter; readonly opened: OpenedScan; readonly logger: Logger },
): Promise<ScanEnd> {
  const { status, phase, why } = meaning(how);
  await opened.journal.flush();
  const files = await reporter.final(phase);
  if (status === 0) {
    opened.journal.append({ type: "end", status });
    await opened.journal.flush();
  }
  logger.info({ status, files }, why);
  const reasons = status === 8 ? `${failureReasons(opened)}\nwhen that is mended, start again with --no-resume --discard` : "";
  return { status, why: `${why}${reasons}`, files };
}

/** The most frequent reasons, for whoever reads only the last line. */
function failureReasons(opened: OpenedScan): string {
  const counts = new Map<string, number>();
  for (const unit of opened.state.failedUnits) {
    const reason = `${unit.code}: ${unit.message.split("\n")[0] ?? ""}`;
    counts.set(reason, (counts.get(reason) ?? 0) + 1);
  }
  const sorted = [...counts].sort((a, b) => b[1] - a[1]).slice(0, 3);
  return sorted.map(([reason, count]) => `\n  ${count} x ${reason}`).join("");
}

export interface EndOptions {
  readonly engine: Engine;
  readonly link: BrokerLink;
  readonly queues: ScanQueues;
  readonly broadcaster: Broadcaster;
  readonly scanId: string;
  readonly run: number;
  readonly startupPath: string;
  readonly startup: StartupFile;
  readonly logger: Logger;
}

/** Tells everybody that the scan is over: who is there by END, who comes late by the startup file and by the queues that are gone. */
export async function endForClients(options: EndOptions): Promise<void> {
  const { engine, link, queues, logger } = options;
  try {
    await writeStartupFile(options.startupPath, { ...options.startup, ended: true });
    await options.broadcaster.broadcast(endMessage(options.scanId, options.run));
    const deadline = Date.now() + goodbyeMs;
    while (engine.workersAlive > 0 && Date.now() < deadline) await pause(20);
    await engine.close();
    await link.broker.remove(queuesOf(queues), queues.control);
  } catch (error) {
    logger.warn({ reason: messageOf(error) }, "the end could not be told to everybody; skyscan scan-clean removes what is left");
  }
}

/**
 * Tells the end of a scan whose server was killed when the scan was complete and its end not told. The embedded broker went with that server:
 * its clients find the startup file.
 */
export async function endForClientsAgain(
  resolve: ResolveServerBroker,
  scan: { readonly scanId: string; readonly run: number },
  logger: Logger,
): Promise<void> {
  try {
    const settings = await resolve();
    if (settings === undefined || settings.client === "embedded") return;
    const broker = await openBroker(() => Promise.resolve(settings), { logger, purpose: "server" });
    try {
      const queues = scanQueues(scan.scanId);
      // It may be gone already; then it is there for a moment.
      await broker.declare([], queues.control);
      const broadcaster = await broker.broadcaster(queues.control);
      await broadcaster.broadcast(endMessage(scan.scanId, scan.run));
      await broadcaster.close();
      await broker.remove(queuesOf(queues), queues.control);
    } finally {
      await broker.close();
    }
  } catch (error) {
    logger.warn({ reason: messageOf(error) }, "the end could not be told again; skyscan scan-clean removes what is left");
  }
}
