import { IceCubeError } from "../errors.ts";

/** Bytes that come in pieces, taken in the lengths that a parser needs. Holds no more than a piece beyond what was asked for. */
export interface ByteSource {
  /** Bytes taken so far. */
  readonly offset: number;
  /** The next `length` bytes, or fewer at the end; they stay there. */
  peek(length: number): Promise<Uint8Array>;
  /** @throws IceCubeError `truncated` when there are fewer. */
  take(length: number): Promise<Uint8Array>;
  /** Everything from here on, piece by piece. */
  rest(): AsyncGenerator<Uint8Array, void, undefined>;
  /** Lets the pieces go; what is not taken is never asked for. */
  close(): Promise<void>;
}

export function createByteSource(pieces: AsyncIterable<Uint8Array>): ByteSource {
  const iterator = pieces[Symbol.asyncIterator]();
  let held: Uint8Array[] = [];
  let heldBytes = 0;
  let offset = 0;

  /** False when the pieces end before `length` bytes are held. */
  async function hold(length: number): Promise<boolean> {
    while (heldBytes < length) {
      const next = await iterator.next();
      if (next.done === true) return false;
      held.push(next.value);
      heldBytes += next.value.length;
    }
    return true;
  }

  function remove(length: number): Uint8Array {
    if (held.length > 1) held = [Buffer.concat(held)];
    const [all = new Uint8Array(0)] = held;
    held = all.length > length ? [all.subarray(length)] : [];
    heldBytes -= length;
    offset += length;
    return all.subarray(0, length);
  }

  return {
    get offset() {
      return offset;
    },
    async peek(length) {
      await hold(length);
      if (held.length > 1) held = [Buffer.concat(held)];
      return (held[0] ?? new Uint8Array(0)).subarray(0, length);
    },
    async take(length) {
      if (!(await hold(length))) {
        throw new IceCubeError("truncated", `${length} bytes are needed at offset ${offset}, ${heldBytes} are left`);
      }
      return remove(length);
    },
    async *rest() {
      while (heldBytes > 0 || (await hold(1))) yield remove(heldBytes);
    },
    async close() {
      await iterator.return?.();
    },
  };
}
