import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createBackoff, processEnvironment, within } from "@skyscan/runtime";
import type { ContainerMode } from "@skyscan/recos";
import type { Logger } from "@skyscan/runtime";
import { program } from "./program.ts";

/** How long clients have to leave by themselves when the scan is over, and after being asked to. */
const leaveMs = 3000;
const drainMs = 10_000;
/** How long a client waits for the server to be ready. */
const waitForStartupSec = 3600;
/** A process serves several clients: starting one costs as much processor time as a thousand fits of milliseconds. */
const clientsPerProcess = 8;
/** A process that was killed or broke is replaced so often: more often than a unit that takes clients down is tried. */
const mostReplacements = 12;
const replaceAfterMs = { firstMs: 200, maxMs: 5000 };

export interface LocalClientsOptions {
  readonly startupPath: string;
  readonly clients: number;
  readonly recoPath: readonly string[];
  readonly container: ContainerMode | undefined;
  readonly logger: Logger;
}

export interface LocalClients {
  /** Sees them off: they leave by themselves when the scan `ended`, else they are asked to. */
  stop(ended: boolean): Promise<void>;
}

/**
 * Clients on this machine, with one slot each, in processes of up to eight. Their logs go to this process's stderr, warnings and above.
 * The channel to each process is only there to break: clients whose starter was killed see it close and leave. A process that was killed,
 * or broke, is replaced.
 */
export function startLocalClients(options: LocalClientsOptions): LocalClients {
  const flags = ["--client-startup-json", options.startupPath, "--wait-for-startup-sec", String(waitForStartupSec)];
  const paths = options.recoPath.flatMap((path) => ["--reco-path", path]);
  const container = options.container === undefined ? [] : ["--container", options.container];
  let stopping = false;
  const processes = evenly(options.clients, clientsPerProcess).map((clients) => {
    const backoff = createBackoff(replaceAfterMs);
    const one = { child: start(clients), replacements: 0, timer: undefined as NodeJS.Timeout | undefined };
    const watch = (child: ChildProcess): void =>
      void child.once("exit", (status, signal) => {
        if (stopping || status === 0) return;
        const replaced = (signal !== null || status === 1) && one.replacements < mostReplacements;
        options.logger.warn({ pid: child.pid, clients, status, signal, replaced }, "local clients ended before the scan did");
        if (!replaced) return;
        one.replacements += 1;
        one.timer = setTimeout(() => watch((one.child = start(clients))), backoff.next());
      });
    watch(one.child);
    return one;
  });

  function start(clients: number): ChildProcess {
    return spawn(process.execPath, [program, "client", ...flags, ...paths, ...container, "--clients", String(clients)], {
      stdio: ["ignore", "ignore", "inherit", "ipc"],
      // A terminal's Ctrl-C is for the server, which sees its clients off.
      detached: true,
      env: { SKYSCAN_LOG: "warn", ...processEnvironment() },
    });
  }

  async function leave(child: ChildProcess, ended: boolean): Promise<void> {
    const gone = (): boolean => child.exitCode !== null || child.signalCode !== null;
    const exited: Promise<unknown> = gone() ? Promise.resolve() : once(child, "exit");
    if (ended && ((await within(leaveMs, exited, "late")) !== "late" || gone())) return;
    child.kill("SIGTERM");
    if ((await within(drainMs, exited, "late")) !== "late" || gone()) return;
    child.kill("SIGKILL");
    await exited;
  }

  return {
    async stop(ended) {
      stopping = true;
      await Promise.all(
        processes.map(({ child, timer }) => {
          clearTimeout(timer);
          return leave(child, ended);
        }),
      );
    },
  };
}

/** The sizes of the fewest groups, none larger than `most`, whose sizes differ by one at most. */
export function evenly(count: number, most: number): readonly number[] {
  const groups = Math.ceil(count / most);
  return Array.from({ length: groups }, (_, group) => Math.floor((count + group) / groups));
}
