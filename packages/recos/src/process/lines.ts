import { isUtf8 } from "node:buffer";

/** Longest line in either direction, bytes (reco protocol, section 3). */
export const maxLineBytes = 8 * 1024 * 1024;

/** Cuts a byte stream into lines. What follows the last LF is never given out. */
export interface LineSplitter {
  push(chunk: Buffer): void;
}

export interface LineListener {
  /** One line, without its LF. */
  line(text: string): void;
  /** The stream is no lines of text: a line is too long, or is not UTF-8. Nothing is given out after that. */
  broken(why: string): void;
}

export function createLineSplitter(listener: LineListener): LineSplitter {
  let pending: Buffer[] = [];
  let pendingBytes = 0;
  let dead = false;

  const fail = (why: string): void => {
    dead = true;
    pending = [];
    listener.broken(why);
  };
  const emit = (tail: Buffer): void => {
    if (pendingBytes + tail.length > maxLineBytes) return fail(`a line is longer than ${maxLineBytes} bytes`);
    const bytes = pendingBytes === 0 ? tail : Buffer.concat([...pending, tail]);
    pending = [];
    pendingBytes = 0;
    if (!isUtf8(bytes)) return fail("a line is not UTF-8");
    listener.line(bytes.toString("utf8"));
  };

  return {
    push(chunk) {
      let from = 0;
      while (!dead) {
        const at = chunk.indexOf(10, from);
        if (at === -1) break;
        emit(chunk.subarray(from, at));
        from = at + 1;
      }
      if (dead || from === chunk.length) return;
      pending.push(chunk.subarray(from));
      pendingBytes += chunk.length - from;
      if (pendingBytes > maxLineBytes) fail(`a line is longer than ${maxLineBytes} bytes`);
    },
  };
}
