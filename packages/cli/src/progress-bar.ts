import cliProgress from "cli-progress";
import { progressLine } from "@skyscan/server";
import type { ProgressSnapshot } from "@skyscan/server";

/** A bar on a terminal; nothing elsewhere, where the log lines tell. */
export interface ProgressBar {
  update(snapshot: ProgressSnapshot): void;
  stop(): void;
}

export function createProgressBar(): ProgressBar | undefined {
  if (!process.stderr.isTTY) return undefined;
  const bar = new cliProgress.SingleBar({
    format: "{bar} {line}",
    barsize: 20,
    hideCursor: true,
    stream: process.stderr,
    clearOnComplete: false,
    linewrap: true,
  });
  let started = false;
  return {
    update(snapshot) {
      const line = progressLine(snapshot);
      if (!started) bar.start(snapshot.predictedUnits, 0, { line });
      started = true;
      bar.setTotal(snapshot.predictedUnits);
      bar.update(snapshot.finalUnits, { line });
    },
    stop() {
      if (started) bar.stop();
    },
  };
}
