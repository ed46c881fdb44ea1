import { maxDeclines } from "@skyscan/protocol";
import type { WorkUnit } from "@skyscan/protocol";

/** Decides which units are sent back because they failed on this host before. */
export interface Declines {
  /**
   * True, and counted, when this unit is to be answered with `declined`: at most twice, but always while it is being fitted here,
   * since it is sent for the sake of another host then.
   */
  shouldDecline(unit: WorkUnit, inHand: boolean): boolean;
}

export function createDeclines(host: string, capacity = 10_000): Declines {
  const counts = new Map<string, number>();
  return {
    shouldDecline({ unit, avoid }, inHand) {
      if (avoid?.includes(host) !== true) return false;
      if (inHand) return true;
      const count = counts.get(unit) ?? 0;
      if (count >= maxDeclines) return false;
      counts.set(unit, count + 1);
      if (counts.size > capacity) {
        const oldest = counts.keys().next();
        if (oldest.done !== true) counts.delete(oldest.value);
      }
      return true;
    },
  };
}
