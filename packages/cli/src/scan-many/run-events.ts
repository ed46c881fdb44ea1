import { messageOf } from "@skyscan/runtime";
import type { Logger } from "@skyscan/runtime";
import { findDone, recordDone } from "./done-record.ts";
import type { ManyEvent } from "./events.ts";
import { bestOfResult } from "./result-best.ts";
import type { ManyRow, ManyState } from "./rows.ts";
import { startServer, waitForLeftServer } from "./server-process.ts";
import type { ServerEnd, ServerProcess } from "./server-process.ts";

export interface RunEventsOptions {
  readonly events: readonly ManyEvent[];
  /** One for each, kept up to date. */
  readonly rows: readonly ManyRow[];
  /** Flags of every server. */
  readonly words: readonly string[];
  readonly parallel: number;
  readonly skipDone: boolean;
  readonly logger: Logger;
  /** Stop all servers, resumable, and start no more. */
  readonly signal: AbortSignal;
  /** Kill them: their journals are whole whenever that is. */
  readonly force: AbortSignal;
}

/** How each event ended: its server's status, null for one that was killed, undefined for one that was not begun. */
export type EventEnds = readonly (number | null | undefined)[];

const stateAfter = (status: number | null): ManyState =>
  status === 0 ? "done" : status === 3 ? "partial" : status === 5 ? "stopped" : "failed";

/** Runs a server per event, so many at a time, in the order of the events. One that fails stops no other. */
export async function runEvents(options: RunEventsOptions): Promise<EventEnds> {
  const { events, rows, words, logger, signal, force } = options;
  const running = new Set<ServerProcess>();
  const ends: (number | null | undefined)[] = events.map(() => undefined);
  let next = 0;
  const isStopped = (): boolean => signal.aborted;
  const killAll = (how: NodeJS.Signals) => (): void => {
    for (const server of running) server.kill(how);
  };
  const stop = killAll("SIGTERM");
  const kill = killAll("SIGKILL");
  signal.addEventListener("abort", stop);
  force.addEventListener("abort", kill);

  async function runOne(event: ManyEvent, row: ManyRow): Promise<ServerEnd & { readonly skipped?: boolean }> {
    const done = await findDone(event, words);
    row.best = done?.best;
    if (options.skipDone && done !== undefined) return { status: 0, why: "it was done before", files: done.files, skipped: true };
    row.state = "starting";
    await waitForLeftServer(event, signal);
    if (isStopped()) return { status: 5, why: "stopped by a signal before the scan began", files: [] };
    const server = await startServer(event, words, (snapshot) => {
      row.state = "scanning";
      row.snapshot = snapshot;
      row.best = snapshot.best;
    });
    running.add(server);
    if (isStopped()) server.kill("SIGTERM");
    logger.info({ event: event.name, eventFile: event.eventFile }, "its server is started");
    const end = await server.ended;
    running.delete(server);
    if (end.status === 0) {
      row.best = await bestOfResult(end.files);
      await recordDone(event, words, end.files);
    }
    return end;
  }

  async function work(): Promise<void> {
    while (next < events.length && !signal.aborted) {
      const index = next++;
      const [event, row] = [events[index]!, rows[index]!];
      const end = await runOne(event, row).catch((error: unknown): Awaited<ReturnType<typeof runOne>> => ({
        status: 6,
        why: messageOf(error),
        files: [],
      }));
      ends[index] = end.status;
      row.state = end.skipped === true ? "skipped" : stateAfter(end.status);
      if (end.status !== 0) row.why = end.why;
      logger.info({ event: event.name, status: end.status, state: row.state, best: row.best }, end.why);
    }
  }

  try {
    await Promise.all(Array.from({ length: Math.min(options.parallel, events.length) }, work));
    return ends;
  } finally {
    signal.removeEventListener("abort", stop);
    force.removeEventListener("abort", kill);
  }
}
