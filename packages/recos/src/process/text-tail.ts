/** The last bytes of a stream, as text. */
export interface TextTail {
  add(chunk: Buffer): void;
  /** What is kept; a character cut in two at its beginning is left out. */
  text(): string;
}

/** How much of a reco's log is kept for failure reports, bytes. */
export const keptLogBytes = 64 * 1024;

/** Keeps the last `limitBytes` bytes in bounded memory, whatever comes. */
export function createTextTail(limitBytes: number = keptLogBytes): TextTail {
  let chunks: Buffer[] = [];
  let size = 0;
  const compact = (): Buffer => {
    const whole = Buffer.concat(chunks);
    const kept = whole.length > limitBytes ? Buffer.from(whole.subarray(whole.length - limitBytes)) : whole;
    chunks = [kept];
    size = kept.length;
    return kept;
  };
  return {
    add(chunk) {
      chunks.push(chunk);
      size += chunk.length;
      if (size > 2 * limitBytes || chunks.length > 1024) compact();
    },
    text() {
      const kept = compact();
      let start = 0;
      while (start < 3 && start < kept.length && (kept[start]! & 0xc0) === 0x80) start += 1;
      return kept.toString("utf8", start);
    },
  };
}
