import { getHeapSpaceStatistics, setFlagsFromString } from "node:v8";

const youngBytes = 8 * 2 ** 20;
const lookMs = 50;

/**
 * Messages are short-lived and what is kept is small: a small young generation, and an old one that is collected when it has doubled, cost
 * little time here and save tens of megabytes in every process.
 *
 * V8's own limit of the young generation, 32 MiB, is read before any script runs, and a program that is started as `node FILE` cannot bring
 * another. The factor by which it grows is read each time: it becomes 1 when 8 MiB are reached, or the step beyond in a hurry.
 */
export function boundHeap(): void {
  setFlagsFromString("--heap-growing-percent=100");
  const timer = setInterval(() => {
    const young = getHeapSpaceStatistics().find(({ space_name: name }) => name === "new_space");
    if ((young?.space_size ?? 0) < youngBytes) return;
    setFlagsFromString("--semi-space-growth-factor=1");
    clearInterval(timer);
  }, lookMs);
  timer.unref();
}
