import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { open } from "node:fs/promises";
import { join } from "node:path";
import { createBackoff, hostName, pause } from "@skyscan/runtime";
import type { Logger } from "@skyscan/runtime";
import type { FleetClient } from "../batch-system.ts";
import { meaningOf, whyOf } from "../exit-policy.ts";

const restarts = { firstMs: 1000, maxMs: 60_000 };
/** A client that lived so long did not break at its start: the next wait is a short one again. */
const soundMs = 60_000;

export interface SupervisorOptions {
  readonly script: string;
  readonly directory: string;
  readonly clients: number;
  readonly logger: Logger;
  /** Clients hand back what they hold; none is started again. */
  readonly signal: AbortSignal;
  /** They leave at once. */
  readonly force: AbortSignal;
  /** Called when something has changed. */
  readonly changed: (clients: readonly FleetClient[]) => void;
}

/** Keeps clients running on this machine, each until it is done or of no use here. Resolves with an exit status when none is left. */
export async function supervise(options: SupervisorOptions): Promise<number> {
  const clients: FleetClient[] = Array.from({ length: options.clients }, (_, index) => ({ name: String(index), state: "idle" }));
  const host = hostName();
  const set = (index: number, client: FleetClient): void => {
    clients[index] = { ...client, host };
    options.changed(clients);
  };
  await Promise.all(clients.map((_, index) => keepRunning(index, options, (client) => set(index, client))));
  if (options.signal.aborted) return 5;
  const bad = clients.find(({ exitStatus }) => meaningOf(exitStatus) !== "done");
  return bad === undefined ? 0 : (bad.exitStatus ?? 1);
}

async function keepRunning(index: number, options: SupervisorOptions, set: (client: FleetClient) => void): Promise<void> {
  const backoff = createBackoff(restarts);
  const name = String(index);
  const stopping = (): boolean => options.signal.aborted;
  for (let starts = 1; ; starts += 1) {
    const startMs = performance.now();
    const { pid, end } = await start(index, options);
    set({ name, state: "running", starts, why: `process ${pid ?? "?"}` });
    const { status, signal } = await end;
    const meaning = meaningOf(status);
    const words = signal === null ? `status ${status ?? 1}: ${whyOf(status ?? 1)}` : `killed by ${signal}`;
    if (stopping() || meaning !== "again") {
      set({ name, state: "ended", starts, exitStatus: status, ...(meaning !== "done" && { why: words }) });
      return;
    }
    if (performance.now() - startMs > soundMs) backoff.reset();
    const waitMs = backoff.next();
    options.logger.warn({ client: index, starts, waitMs: Math.round(waitMs) }, `A client ended: ${words}; it is started again`);
    set({ name, state: "idle", starts, exitStatus: status, why: words });
    await pause(waitMs, options.signal);
    if (stopping()) {
      set({ name, state: "ended", starts, exitStatus: status, why: words });
      return;
    }
  }
}

interface End {
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
}

interface Started {
  readonly pid: number | undefined;
  readonly end: Promise<End>;
}

async function start(index: number, options: SupervisorOptions): Promise<Started> {
  const { script, directory } = options;
  const out = await open(join(directory, `client-${index}.out`), "a");
  const err = await open(join(directory, `client-${index}.err`), "a");
  try {
    // The channel is only there to break: a client whose supervisor was killed sees it close and leaves. A terminal's Ctrl-C is for the supervisor.
    const child = spawn(script, { stdio: ["ignore", out.fd, err.fd, "ipc"], detached: true });
    // Listened to before anything else is waited for: it may end at once.
    return { pid: child.pid, end: endOf(child, options) };
  } finally {
    await out.close();
    await err.close();
  }
}

function endOf(child: ChildProcess, { signal, force, logger }: SupervisorOptions): Promise<End> {
  return new Promise((resolve) => {
    const leave = (): void => void child.kill("SIGTERM");
    const settle = (end: End): void => {
      for (const one of [signal, force]) one.removeEventListener("abort", leave);
      resolve(end);
    };
    child.once("exit", (status, killedBy) => settle({ status, signal: killedBy }));
    child.once("error", (error) => {
      logger.error({ reason: error.message }, "A client cannot be started");
      settle({ status: 127, signal: null });
    });
    for (const one of [signal, force]) one.addEventListener("abort", leave, { once: true });
    if (signal.aborted) leave();
  });
}
