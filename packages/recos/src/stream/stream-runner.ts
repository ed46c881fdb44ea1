import { setMaxListeners } from "node:events";
import { createWriteStream } from "node:fs";
import type { WriteStream } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { createBackoff, deferred, messageOf, pause } from "@skyscan/runtime";
import { RecoError } from "../manifest/errors.ts";
import { protocolGrace } from "../process/grace.ts";
import { prepareLaunch } from "../process/launch.ts";
import { createOrphanGuard } from "../process/orphan-guard.ts";
import type { RunnerOptions } from "../process/runner-options.ts";
import type { Runner } from "../runner/runner.ts";
import { createSlotDirectory } from "../process/slot-directory.ts";
import { startStreamSession } from "./stream-session.ts";
import type { StreamSession } from "./stream-session.ts";

/** Waits before a process is started again after crashes and protocol violations in a row; the first restart is at once. */
const restartWaits = { firstMs: 500, maxMs: 30_000 };

/** Mode `stream`: one warm process, many units (reco protocol, section 3). */
export function createStreamRunner(options: RunnerOptions): Runner {
  const { reco, logger, slot } = options;
  const grace = options.grace ?? protocolGrace;
  const guard = createOrphanGuard();
  const directory = createSlotDirectory(options.scratchDir, slot);
  const backoff = createBackoff(restartWaits);
  const closing = new AbortController();
  // As many runs as there may be in flight wait on it.
  setMaxListeners(0, closing.signal);
  let starting: Promise<StreamSession> | undefined;
  let session: StreamSession | undefined;
  /** What the last process left behind is gone. */
  let cleaned: Promise<void> = Promise.resolve();
  let crashesInRow = 0;
  let notBeforeMs = 0;
  let processes = 0;
  let openRuns = 0;

  async function start(): Promise<StreamSession> {
    const waitMs = notBeforeMs - performance.now();
    if (waitMs > 0) await pause(waitMs, closing.signal);
    closing.signal.throwIfAborted();
    await directory.ready();
    const scratch = directory.scratch();
    const launch = await prepareLaunch(options, scratch, {}, closing.signal);
    processes += 1;
    const log = await openDebugLog(options, processes);
    try {
      return await startStreamSession({
        reco,
        launch,
        scratch,
        slot,
        logger,
        startupPath: options.startupPath,
        timeoutSec: options.timeoutSec,
        observer: options.observer,
        start: { grace, guard },
        onStderr: log === undefined ? undefined : (chunk) => void log.write(chunk),
        onGone: () => void log?.end(),
        signal: closing.signal,
      });
    } catch (error) {
      await directory.empty();
      throw error;
    }
  }

  async function startAnother(): Promise<StreamSession> {
    await cleaned;
    try {
      const started = await start();
      session = started;
      cleaned = started.gone.then(async ({ abnormal }) => {
        if (abnormal) {
          crashesInRow += 1;
          notBeforeMs = crashesInRow === 1 ? 0 : performance.now() + backoff.next();
        }
        await directory.empty();
      });
      return started;
    } catch (error) {
      if (error instanceof RecoError) throw error;
      throw new RecoError("start-failed", `reco ${reco.manifest.name} could not be started: ${messageOf(error)}`, {
        cause: error,
      });
    }
  }

  function obtain(): Promise<StreamSession> {
    starting ??= startAnother().finally(() => (starting = undefined));
    return starting;
  }

  /** A usable session, or undefined when the run is no longer wanted before there is one. */
  async function sessionFor(signal: AbortSignal): Promise<StreamSession | undefined> {
    const unwanted = deferred();
    const abort = (): void => unwanted.resolve();
    for (const one of [signal, closing.signal]) one.addEventListener("abort", abort);
    try {
      while (!signal.aborted && !closing.signal.aborted) {
        if (session?.usable() === true) return session;
        const starts = obtain();
        starts.catch(() => undefined);
        await Promise.race([starts, unwanted.promise]);
      }
      return undefined;
    } finally {
      for (const one of [signal, closing.signal]) one.removeEventListener("abort", abort);
    }
  }

  return {
    inFlight: reco.manifest.run.inFlight,
    async run(unit, signal) {
      if (openRuns >= reco.manifest.run.inFlight)
        throw new Error(`more than ${reco.manifest.run.inFlight} runs are open at once`);
      openRuns += 1;
      const startedAtMs = performance.now();
      try {
        for (;;) {
          const ready = session?.usable() === true && !signal.aborted ? session : await sessionFor(signal);
          if (ready === undefined) return { kind: "cancelled", runtimeSec: (performance.now() - startedAtMs) / 1000 };
          const outcome = await ready.send(unit, signal);
          if (outcome.kind === "result") {
            crashesInRow = 0;
            backoff.reset();
          }
          if (outcome.kind !== "bystander") return outcome;
        }
      } finally {
        openRuns -= 1;
      }
    },
    async close() {
      closing.abort();
      await starting?.catch(() => undefined);
      await session?.close();
      await cleaned;
      guard.close();
      await directory.remove();
    },
  };
}

/** With a debug directory, the whole stderr of every process is kept there. */
async function openDebugLog({ debugDirectory, slot }: RunnerOptions, process: number): Promise<WriteStream | undefined> {
  if (debugDirectory === undefined) return undefined;
  await mkdir(debugDirectory, { recursive: true });
  const stream = createWriteStream(join(debugDirectory, `slot-${slot}-process-${process}.stderr`));
  stream.on("error", () => undefined);
  return stream;
}
