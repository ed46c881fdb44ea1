/** Gathers what comes up within one turn of the event loop into few large frames, and waits while the stream is full. */
export interface FrameWriter<F> {
  /** The frame to append to now. Every call schedules a write. */
  frame(): F;
  /** As `frame`, for an addition of so many bytes. */
  frameFor(bytes: number): F;
  /** The stream can take more. */
  drained(): void;
  /** Writes what is gathered now, unless the stream is full. */
  flush(): void;
  /** Resolves when everything gathered so far was given to the stream. */
  written(): Promise<void>;
  /** True while the stream is full. */
  readonly full: boolean;
  /** Nothing is written any more. */
  end(): void;
}

/** A frame is closed when its bodies pass this, bytes: large enough to be cheap, small enough not to hold up what comes behind it. */
const frameBytes = 256 * 1024;

export function createFrameWriter<F>(empty: () => F, write: (frame: F) => boolean): FrameWriter<F> {
  let ready: F[] = [];
  let current: F | undefined;
  let bytes = 0;
  let full = false;
  let ended = false;
  let scheduled = false;
  let writtenCallbacks: (() => void)[] = [];

  function flush(): void {
    scheduled = false;
    if (ended) return;
    if (current !== undefined) ready.push(current);
    current = undefined;
    bytes = 0;
    let written = 0;
    while (!full && written < ready.length) {
      full = !write(ready[written] as F);
      written += 1;
    }
    ready = written === ready.length ? [] : ready.slice(written);
    if (ready.length > 0) return;
    const callbacks = writtenCallbacks;
    writtenCallbacks = [];
    for (const callback of callbacks) callback();
  }

  const schedule = (): void => {
    if (scheduled) return;
    scheduled = true;
    setImmediate(flush);
  };

  function frameFor(addition: number): F {
    if (current !== undefined && bytes > 0 && bytes + addition > frameBytes) {
      ready.push(current);
      current = undefined;
      bytes = 0;
    }
    current ??= empty();
    bytes += addition;
    schedule();
    return current;
  }

  return {
    frame: () => frameFor(0),
    frameFor,
    flush,
    drained() {
      full = false;
      schedule();
    },
    written() {
      if (ended || (current === undefined && ready.length === 0)) return Promise.resolve();
      return new Promise((resolve) => writtenCallbacks.push(resolve));
    },
    get full() {
      return full;
    },
    end() {
      ended = true;
      const callbacks = writtenCallbacks;
      writtenCallbacks = [];
      for (const callback of callbacks) callback();
    },
  };
}
