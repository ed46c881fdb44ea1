import { createChannel, within } from "@skyscan/runtime";
import type { Grace } from "../process/grace.ts";
import type { Launch } from "../process/launch.ts";
import { createLineSplitter } from "../process/lines.ts";
import type { OrphanGuard } from "../process/orphan-guard.ts";
import { parseRecoLine } from "../runner/reco-lines.ts";
import type { BadLine, RecoLine } from "../runner/reco-lines.ts";
import { startRecoProcess } from "../process/reco-process.ts";
import type { ProcessEnd } from "../process/reco-process.ts";

/** What a reco said next: a line, nothing in time, or its end. */
export type Said = RecoLine | BadLine | { readonly type: "silent" } | { readonly type: "ended"; readonly end: ProcessEnd };

/** A conversation with a stream reco, line by line, by hand. */
export interface Talk {
  say(line: string): void;
  hear(waitMs: number): Promise<Said>;
  /** End of stdin; undefined when it had to be killed. */
  leave(): Promise<ProcessEnd | undefined>;
  stop(): Promise<void>;
  readonly stderrTail: () => string;
}

export async function startTalk(options: {
  readonly launch: Launch;
  readonly scratch: string;
  readonly guard: OrphanGuard;
  readonly grace: Grace;
  readonly signal: AbortSignal;
}): Promise<Talk> {
  const said = createChannel<RecoLine | BadLine>();
  const splitter = createLineSplitter({
    line: (text) => said.push(parseRecoLine(text)),
    broken: (why) => said.push({ type: "bad", why }),
  });
  options.signal.throwIfAborted();
  const child = await startRecoProcess({
    ...options.launch,
    cwd: options.scratch,
    stdin: true,
    grace: options.grace,
    guard: options.guard,
    onStdout: (chunk) => splitter.push(chunk),
  });
  const abort = (): void => void child.stop();
  options.signal.addEventListener("abort", abort);
  void child.ended.then(() => {
    options.signal.removeEventListener("abort", abort);
    said.end();
  });
  const lines = said[Symbol.asyncIterator]();
  let pending: Promise<IteratorResult<RecoLine | BadLine, unknown>> | undefined;

  return {
    say: (line) => child.write(line),
    async hear(waitMs) {
      pending ??= lines.next();
      const next = await within(waitMs, pending, undefined);
      if (next === undefined) return { type: "silent" };
      pending = undefined;
      return next.done === true ? { type: "ended", end: await child.ended } : next.value;
    },
    async leave() {
      const started = performance.now();
      const end = await child.leave();
      return performance.now() - started < options.grace.leaveMs ? end : undefined;
    },
    async stop() {
      await child.stop();
    },
    stderrTail: () => child.stderrTail(),
  };
}
