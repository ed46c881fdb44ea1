import { spawn } from "node:child_process";
import { once } from "node:events";
import { messageOf, within } from "@skyscan/runtime";
import type { LaunchedContainer } from "../container/container-launch.ts";
import { RecoError } from "../manifest/errors.ts";
import type { Grace } from "./grace.ts";
import type { OrphanGuard } from "./orphan-guard.ts";
import { groupGone, signalGroup } from "./process-group.ts";
import { withoutStrayFiles } from "./stray-files.ts";
import { createTextTail } from "./text-tail.ts";

/** How a process ended: a status, or the signal that killed it. */
export interface ProcessEnd {
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  /** No reco ran: its container could not be started, or had no such command. */
  readonly refused?: RecoError | undefined;
}

export interface RecoProcessOptions {
  /** Absolute path. */
  readonly executable: string;
  /** The command as the manifest has it; its first item is what `executable` was found for. */
  readonly argv: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  /** The executable starts a container. */
  readonly container?: LaunchedContainer | undefined;
  /** False: stdin is /dev/null. */
  readonly stdin: boolean;
  readonly grace: Grace;
  readonly guard: OrphanGuard;
  readonly onStdout: (chunk: Buffer) => void;
  readonly onStderr?: (chunk: Buffer) => void;
  /** stdin can no longer be written, or stdout has ended. */
  readonly onSevered?: (what: "stdin" | "stdout") => void;
}

/** One process of a reco, leader of a session and process group of its own. */
export interface RecoProcess {
  readonly pid: number;
  /** Settles when the process has ended, everything it wrote has been given out, nothing of its group runs any more, and its container is gone. */
  readonly ended: Promise<ProcessEnd>;
  /** Writes to stdin; `written` is called when the kernel has the last byte. */
  write(line: string, written?: () => void): void;
  /** SIGTERM to the whole group, or to the container, SIGKILL after the grace. Calling it again changes nothing. */
  stop(): Promise<ProcessEnd>;
  /** Ends stdin and gives the process its time to leave, then SIGKILL to the whole group. */
  leave(): Promise<ProcessEnd>;
  /** The last 64 KiB of its stderr. */
  stderrTail(): string;
}

/** What is left of a group may take this long to be really gone after SIGKILL; pipes of processes that escaped it are then let go. */
const afterKillMs = 1_000;

/**
 * Starts a process with only stdin, stdout and stderr open.
 * @throws RecoError `start-failed` when the system cannot start it.
 */
export async function startRecoProcess(options: RecoProcessOptions): Promise<RecoProcess> {
  const { grace, guard } = options;
  const handle = options.container?.handle;
  const [file, args] = withoutStrayFiles(options.executable, options.argv.slice(1));
  guard.ready(handle);
  if (handle !== undefined) guard.watchContainer(handle.name);
  const child = spawn(file, args, {
    cwd: options.cwd,
    env: { ...options.env },
    stdio: [options.stdin ? "pipe" : "ignore", "pipe", "pipe"],
    detached: true,
  });
  const group = child.pid ?? 0;
  if (group !== 0) guard.watch(group);
  try {
    await once(child, "spawn");
  } catch (error) {
    if (handle !== undefined) guard.releaseContainer(handle.name);
    throw new RecoError("start-failed", `${options.executable} could not be started: ${messageOf(error)}`, { cause: error });
  }
  child.on("error", () => undefined);

  const stderr = createTextTail();
  child.stderr!.on("data", (chunk: Buffer) => {
    stderr.add(chunk);
    options.onStderr?.(chunk);
  });
  child.stdout!.on("data", options.onStdout);
  child.stdout!.on("end", () => options.onSevered?.("stdout"));
  child.stdin?.on("error", () => options.onSevered?.("stdin"));

  const closed = new Promise<void>((resolve) => child.once("close", () => resolve()));
  const exited = new Promise<ProcessEnd>((resolve) => child.once("exit", (status, signal) => resolve({ status, signal })));
  let stopping: Promise<unknown> | undefined;
  let killed = false;

  const ended = exited.then(async (end) => {
    // While it is being stopped, the others of the group have the same grace as the leader.
    await stopping;
    if (signalGroup(group, "SIGKILL")) await groupGone(group, afterKillMs);
    guard.release(group);
    if (handle !== undefined) {
      // By itself it goes with its command only when that ended as it should.
      const asItShould = stopping === undefined && !killed && end.status !== null && end.status !== 125;
      const problem = asItShould ? undefined : await handle.remove();
      // What could not be removed is tried again when this process ends.
      if (problem === undefined) guard.releaseContainer(handle.name);
      else stderr.add(Buffer.from(`${problem}\n`));
    }
    await within(afterKillMs, closed, undefined);
    child.stdout!.destroy();
    child.stderr!.destroy();
    child.stdin?.destroy();
    return { ...end, refused: stopping === undefined ? options.container?.refusal(end.status, stderr.text()) : undefined };
  });

  /** Of everything that belongs to the process. */
  const kill = async (): Promise<void> => {
    killed = true;
    await handle?.signal("SIGKILL");
    signalGroup(group, "SIGKILL");
  };

  const stop = (): Promise<ProcessEnd> => {
    stopping ??= (async () => {
      // A signal for a container that is not there yet would be lost; then its engine is told not to go on.
      if ((await handle?.signal("SIGTERM")) !== true) signalGroup(group, "SIGTERM");
      await groupGone(group, grace.termMs);
      await kill();
    })();
    return ended;
  };

  let gathered = "";
  let told: (() => void)[] = [];
  /** What is written at about the same time, as after several answers at once, leaves in one system call. */
  function flush(): void {
    if (gathered === "") return;
    const [text, then] = [gathered, told];
    gathered = "";
    told = [];
    child.stdin?.write(text, (error) => {
      if (error === null || error === undefined) for (const written of then) written();
    });
  }

  return {
    pid: group,
    ended,
    stop,
    write(line, written) {
      // n.b. as soon as all that follows from the same answers is written: the reco waits for it.
      if (gathered === "") process.nextTick(flush);
      gathered += line;
      if (written !== undefined) told.push(written);
    },
    async leave() {
      flush();
      child.stdin?.end();
      if ((await within(grace.leaveMs, ended, undefined)) === undefined) await kill();
      return ended;
    },
    stderrTail: () => stderr.text(),
  };
}

/** How a process ended, for people. */
export const describeEnd = ({ status, signal }: ProcessEnd): string =>
  signal === null ? `ended with status ${status}` : `was killed by ${signal}`;
