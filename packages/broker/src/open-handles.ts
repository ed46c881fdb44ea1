import type { Broadcaster, Consumer, Listener, Publisher } from "./broker.ts";

/** What was opened on a broker's handle and ends with it. */
export interface OpenHandles {
  writer<T extends Publisher | Broadcaster>(handle: T): T;
  reader<T extends Consumer | Listener>(handle: T): T;
  /** Writers first: replies that are under way are confirmed while deliveries can still be acked for them. */
  close(): Promise<void>;
}

export function createOpenHandles(): OpenHandles {
  const writers = new Set<Publisher | Broadcaster>();
  const readers = new Set<Consumer | Listener>();
  return {
    writer(handle) {
      writers.add(handle);
      return handle;
    },
    reader(handle) {
      readers.add(handle);
      return handle;
    },
    async close() {
      await Promise.all([...writers].map((writer) => writer.close()));
      await Promise.all([...readers].map((reader) => reader.close()));
    },
  };
}
