/** Time that passes only from one event to the next. */
export interface VirtualTime {
  readonly nowMs: number;
  /** Calls `act` at that time, or now when it is over; events of one millisecond in the order of the calls. */
  at(timeMs: number, act: () => void): void;
  after(delayMs: number, act: () => void): void;
  /** Goes to the next millisecond in which something happens, and lets it happen. False: nothing ever will. */
  step(): boolean;
}

interface Entry {
  readonly timeMs: number;
  readonly order: number;
  readonly act: () => void;
}

const earlier = (a: Entry, b: Entry): boolean => a.timeMs < b.timeMs || (a.timeMs === b.timeMs && a.order < b.order);

export function createVirtualTime(): VirtualTime {
  /** A binary heap. */
  const heap: Entry[] = [];
  let nowMs = 0;
  let order = 0;

  function push(entry: Entry): void {
    let place = heap.push(entry) - 1;
    while (place > 0) {
      const parent = (place - 1) >> 1;
      if (!earlier(entry, heap[parent]!)) break;
      heap[place] = heap[parent]!;
      place = parent;
    }
    heap[place] = entry;
  }

  function pop(): Entry {
    const first = heap[0]!;
    const last = heap.pop()!;
    if (heap.length === 0) return first;
    let place = 0;
    for (;;) {
      let child = 2 * place + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && earlier(heap[child + 1]!, heap[child]!)) child += 1;
      if (!earlier(heap[child]!, last)) break;
      heap[place] = heap[child]!;
      place = child;
    }
    heap[place] = last;
    return first;
  }

  const at = (timeMs: number, act: () => void): void => {
    push({ timeMs: Math.max(nowMs, Math.round(timeMs)), order: (order += 1), act });
  };
  return {
    get nowMs() {
      return nowMs;
    },
    at,
    after: (delayMs, act) => at(nowMs + delayMs, act),
    step() {
      if (heap.length === 0) return false;
      nowMs = heap[0]!.timeMs;
      while (heap.length > 0 && heap[0]!.timeMs === nowMs) pop().act();
      return true;
    },
  };
}
