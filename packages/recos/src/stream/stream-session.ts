import { messageOf } from "@skyscan/runtime";
import type { Logger } from "@skyscan/runtime";
import { RecoError } from "../manifest/errors.ts";
import type { Launch } from "../process/launch.ts";
import { createLineSplitter } from "../process/lines.ts";
import { parseRecoLine, readyProblem, startLine, unitLine } from "../runner/reco-lines.ts";
import type { RecoLine } from "../runner/reco-lines.ts";
import { describeEnd, startRecoProcess } from "../process/reco-process.ts";
import type { ProcessEnd, RecoProcess } from "../process/reco-process.ts";
import { engineFailure, recoFailure } from "../runner/outcomes.ts";
import type { RunnerOptions } from "../process/runner-options.ts";
import { timerMs, unitLimitSec } from "../process/runner-options.ts";
import type { RunnerOutcome, RunnerUnit } from "../runner/runner.ts";

/** `bystander`: the process was ended for another unit's sake; nothing is known of this one, and it has to be sent again. */
export type SessionOutcome = RunnerOutcome | { readonly kind: "bystander" };

/** How a session ended: by being asked to, or abnormally (crash, protocol violation), which is a reason to wait before the next one. */
export interface SessionEnd {
  readonly abnormal: boolean;
}

/** One process of a stream reco that has said `ready`, until its end. */
export interface StreamSession {
  /** False from the moment the process is being ended, or has ended. */
  readonly usable: () => boolean;
  /** Sends a unit. Settles with its reply, or when the process is gone; never rejects. */
  send(unit: RunnerUnit, signal: AbortSignal): Promise<SessionOutcome>;
  /** End of stdin when nothing is out, else SIGTERM; open units end as cancelled. */
  close(): Promise<void>;
  /** Settles when nothing of the process is left. */
  readonly gone: Promise<SessionEnd>;
}

/** Why a process is being ended by us; the first reason stands. */
type Ending =
  | { readonly kind: "protocol"; readonly message: string }
  | { readonly kind: "timed-out" | "cancelled"; readonly unit: string }
  | { readonly kind: "closed" };

type Phase = "starting" | "ready" | "gone";

interface OpenUnit {
  readonly startedAtMs: number;
  readonly timer: NodeJS.Timeout;
  readonly settle: (outcome: SessionOutcome) => void;
}

/** A process that closed its end of a pipe is given this long to end by itself, so that its end is reported as what it is. */
const severedMs = 1_000;

export interface SessionOptions extends Pick<RunnerOptions, "reco" | "slot" | "observer" | "timeoutSec"> {
  readonly launch: Launch;
  readonly scratch: string;
  readonly startupPath: string;
  readonly logger: Logger;
  readonly start: Pick<Parameters<typeof startRecoProcess>[0], "grace" | "guard">;
  readonly onStderr?: ((chunk: Buffer) => void) | undefined;
  readonly onGone?: () => void;
  /** Aborted when nobody wants the process any more while it is still starting. */
  readonly signal: AbortSignal;
}

/**
 * Starts a process and waits for its `ready`.
 * @throws RecoError `start-failed` for everything that goes wrong before that, `image-failed` when there was no container; nothing of the process is left then.
 */
export async function startStreamSession(options: SessionOptions): Promise<StreamSession> {
  const { reco, launch, logger, observer } = options;
  const { manifest } = reco;
  const limitSec = unitLimitSec(options);
  const open = new Map<string, OpenUnit>();
  let ending: Ending | undefined;
  let phase: Phase = "starting";
  const phaseNow = (): Phase => phase;
  let startProblem: string | undefined;
  let markReady: () => void;
  const saidReady = new Promise<void>((resolve) => (markReady = resolve));

  const end = (why: Ending): void => {
    if (ending !== undefined || phase === "gone") return;
    ending = why;
    for (const { timer } of open.values()) clearTimeout(timer);
    void child.stop();
  };
  const failStart = (why: string): void => {
    startProblem ??= why;
    void child.stop();
  };
  const violation = (message: string): void => {
    if (phase === "starting") return failStart(message);
    if (ending === undefined) logger.warn({ slot: options.slot, problem: message }, "reco broke the protocol");
    end({ kind: "protocol", message });
  };

  const takeOut = (unit: string): OpenUnit | undefined => {
    const one = open.get(unit);
    clearTimeout(one?.timer);
    open.delete(unit);
    return one;
  };
  const settle = (unit: string, outcome: SessionOutcome): void => takeOut(unit)?.settle(outcome);
  const take = (line: RecoLine): void => {
    if (phase === "starting") {
      if (line.type !== "ready") return failStart(`it said ${line.type} before ready`);
      const problem = readyProblem(line, manifest);
      return problem === undefined ? markReady() : failStart(problem);
    }
    if (line.type === "ready") return violation("it said ready a second time");
    if (line.type === "progress") return;
    const one = open.get(line.unit);
    if (one === undefined) return violation(`a reply for unit ${JSON.stringify(line.unit)}, which is not out`);
    const runtimeSec = secondsSince(one.startedAtMs);
    if (line.type === "result") settle(line.unit, { kind: "result", runtimeSec, result: line.result });
    else {
      takeOut(line.unit);
      // What it wrote to its log before is in the other pipe, which may be read after this one.
      setImmediate(() => one.settle(recoFailure(line, runtimeSec, child.stderrTail())));
    }
  };

  const splitter = createLineSplitter({
    line(text) {
      if (ending !== undefined || startProblem !== undefined) return;
      observer?.received?.(text);
      const line = parseRecoLine(text);
      if (line.type === "bad") violation(line.why);
      else take(line);
    },
    broken: violation,
  });
  let severed: NodeJS.Timeout | undefined;
  const child: RecoProcess = await startRecoProcess({
    ...options.start,
    ...launch,
    cwd: options.scratch,
    stdin: true,
    onStdout: (chunk) => splitter.push(chunk),
    onStderr(chunk) {
      options.onStderr?.(chunk);
      observer?.stderr?.(chunk);
    },
    onSevered(what) {
      severed ??= setTimeout(() => violation(`it closed its ${what}`), severedMs);
    },
  });
  observer?.started?.({ argv: launch.argv, pid: child.pid, cwd: options.scratch });
  const send = (line: string, written?: () => void): void => {
    observer?.sent?.(line.trimEnd());
    child.write(line, written);
  };

  const gone = child.ended.then((processEnd): SessionEnd => {
    const before = phase;
    phase = "gone";
    clearTimeout(severed);
    observer?.ended?.(processEnd);
    options.onGone?.();
    const abnormal = before === "ready" && (ending?.kind === "protocol" || (ending === undefined && open.size > 0));
    if (before === "ready" && ending === undefined) {
      const about = { slot: options.slot, ...processEnd, unitsOut: open.size };
      if (open.size === 0) logger.info(about, "idle reco ended");
      else logger.warn(about, "reco crashed");
    }
    for (const [unit, { startedAtMs }] of [...open]) {
      settle(unit, outcomeAtEnd(unit, secondsSince(startedAtMs), ending, processEnd, child.stderrTail(), limitSec));
    }
    return { abnormal };
  });

  const expired = setTimeout(
    () => failStart(`it was not ready within ${manifest.startTimeoutSec} s`),
    timerMs(manifest.startTimeoutSec),
  );
  const unwanted = (): void => failStart("it was no longer wanted");
  options.signal.addEventListener("abort", unwanted);
  if (options.signal.aborted) unwanted();
  try {
    send(startLine({ startup: options.startupPath, slot: options.slot, scratch: options.scratch }));
    await Promise.race([saidReady, gone]);
    if (startProblem !== undefined) await gone;
    if (phaseNow() === "gone" || startProblem !== undefined) {
      const { refused } = await child.ended;
      if (refused !== undefined) throw refused;
      const tail = child.stderrTail();
      const why = startProblem ?? `it ${describeEnd(await child.ended)} before it was ready`;
      throw new RecoError("start-failed", startFailure(manifest.name, why, tail), { stderrTail: tail });
    }
    phase = "ready";
  } finally {
    clearTimeout(expired);
    options.signal.removeEventListener("abort", unwanted);
  }

  return {
    usable: () => phase === "ready" && ending === undefined,
    gone,
    send(unit, signal) {
      return new Promise<SessionOutcome>((resolve) => {
        const cancel = (): void => end({ kind: "cancelled", unit: unit.unit });
        const timer = setTimeout(() => end({ kind: "timed-out", unit: unit.unit }), timerMs(limitSec));
        open.set(unit.unit, {
          startedAtMs: performance.now(),
          timer,
          settle(outcome) {
            signal.removeEventListener("abort", cancel);
            resolve(outcome);
          },
        });
        signal.addEventListener("abort", cancel);
        // The limit counts from the line's last byte; until that is out, from now.
        send(unitLine(unit, limitSec), () => {
          if (open.get(unit.unit)?.timer === timer && ending === undefined) timer.refresh();
        });
      });
    },
    async close() {
      if (open.size > 0) end({ kind: "closed" });
      else if (phase === "ready" && ending === undefined) {
        ending = { kind: "closed" };
        await child.leave();
      }
      await gone.catch((error: unknown) => logger.warn({ problem: messageOf(error) }, "reco could not be ended"));
    },
  };
}

/** What becomes of a unit that is still out when its process is gone. */
function outcomeAtEnd(
  unit: string,
  runtimeSec: number,
  ending: Ending | undefined,
  processEnd: ProcessEnd,
  stderrTail: string,
  limitSec: number,
): SessionOutcome {
  if (ending === undefined) {
    return engineFailure("crashed", `the reco ${describeEnd(processEnd)} while the unit was out`, runtimeSec, stderrTail);
  }
  switch (ending.kind) {
    case "protocol":
      return engineFailure("protocol", ending.message, runtimeSec, stderrTail);
    case "closed":
      return { kind: "cancelled", runtimeSec };
    case "cancelled":
      return ending.unit === unit ? { kind: "cancelled", runtimeSec } : { kind: "bystander" };
    case "timed-out":
      if (ending.unit !== unit) return { kind: "bystander" };
      return engineFailure("timed-out", `no reply within ${limitSec} s`, runtimeSec, stderrTail);
  }
}

/** The last lines of a log go into the message, since a failure to start has no reply to carry them. */
function startFailure(name: string, why: string, tail: string): string {
  const log = tail.trimEnd();
  return `reco ${name} did not start: ${why}${log === "" ? "" : `; its log ends: ${log.slice(-500)}`}`;
}

const secondsSince = (startedAtMs: number): number => (performance.now() - startedAtMs) / 1000;
