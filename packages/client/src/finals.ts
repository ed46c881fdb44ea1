/** The last units that the server called final, so that what of them still waits in the queue, or comes again, is not fitted. */
export interface Finals {
  remember(units: readonly string[], run: number): void;
  /** True when the message of that run asks for what is final; a later run may have lost the outcome and want it again. */
  has(unit: string, run: number): boolean;
}

export function createFinals(capacity = 10_000): Finals {
  const runs = new Map<string, number>();
  return {
    remember(units, run) {
      for (const unit of units) {
        runs.delete(unit);
        runs.set(unit, run);
      }
      for (const oldest of runs.keys()) {
        if (runs.size <= capacity) return;
        runs.delete(oldest);
      }
    },
    has: (unit, run) => run <= (runs.get(unit) ?? 0),
  };
}
