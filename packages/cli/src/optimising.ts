import { setFlagsFromString } from "node:v8";

/** Bytes of bytecode that a function runs before V8 thinks of optimising it: V8's own figure, and that of a process that has little to do. */
const budget = { own: 67_584, late: 300_000 };
/** A start is busy, and runs nothing often. */
const startMs = 750;
const lookMs = 250;
/** This part of the time is much, when it stays so for two looks. */
const busyPart = 0.5;

const setBudget = (bytes: number): void => setFlagsFromString(`--interrupt-budget=${bytes}`);

/**
 * V8 optimises what ran a few hundred times, on threads of its own. Beside the fits of a scan that is over in seconds that takes processors
 * from the recos, and is never earned back. A process that is busy itself, since fits are very short or slots many, gets V8's way back.
 */
export function optimiseLate(): void {
  setBudget(budget.late);
  let last = performance.eventLoopUtilization();
  let busy = 0;
  const timer = setInterval(() => {
    const now = performance.eventLoopUtilization();
    const { utilization } = performance.eventLoopUtilization(now, last);
    last = now;
    if (performance.now() < startMs + lookMs) return;
    busy = utilization > busyPart ? busy + 1 : 0;
    if (busy < 2) return;
    setBudget(budget.own);
    clearInterval(timer);
  }, lookMs);
  timer.unref();
}
