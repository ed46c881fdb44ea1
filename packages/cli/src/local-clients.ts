import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { processEnvironment, within } from "@skyscan/runtime";
import type { Logger } from "@skyscan/runtime";
import { program } from "./program.ts";

/** How long clients have to leave by themselves when the scan is over, and after being asked to. */
const leaveMs = 3000;
const drainMs = 10_000;
/** How long a client waits for the server to be ready. */
const waitForStartupSec = 3600;
/** A process serves several clients: starting one costs as much processor time as a thousand fits of milliseconds. */
const clientsPerProcess = 8;

export interface LocalClientsOptions {
  readonly startupPath: string;
  readonly clients: number;
  readonly recoPath: readonly string[];
  readonly logger: Logger;
}

export interface LocalClients {
  /** Sees them off: they leave by themselves when the scan `ended`, else they are asked to. */
  stop(ended: boolean): Promise<void>;
}

/**
 * Clients on this machine, with one slot each, in processes of up to eight. Their logs go to this process's stderr, warnings and above.
 * The channel to each process is only there to break: clients whose starter was killed see it close and leave.
 */
export function startLocalClients(options: LocalClientsOptions): LocalClients {
  const flags = ["--client-startup-json", options.startupPath, "--wait-for-startup-sec", String(waitForStartupSec)];
  const paths = options.recoPath.flatMap((path) => ["--reco-path", path]);
  let stopping = false;
  const children = evenly(options.clients, clientsPerProcess).map((clients): ChildProcess => {
    const child = spawn(process.execPath, [program, "client", ...flags, ...paths, "--clients", String(clients)], {
      stdio: ["ignore", "ignore", "inherit", "ipc"],
      // A terminal's Ctrl-C is for the server, which sees its clients off.
      detached: true,
      env: { SKYSCAN_LOG: "warn", ...processEnvironment() },
    });
    child.on("exit", (status, signal) => {
      if (!stopping && status !== 0)
        options.logger.warn({ pid: child.pid, clients, status, signal }, "local clients ended before the scan did");
    });
    return child;
  });

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
      await Promise.all(children.map((child) => leave(child, ended)));
    },
  };
}

/** The sizes of the fewest groups, none larger than `most`, whose sizes differ by one at most. */
export function evenly(count: number, most: number): readonly number[] {
  const groups = Math.ceil(count / most);
  return Array.from({ length: groups }, (_, group) => Math.floor((count + group) / groups));
}
