import { ProtocolError } from "./errors.ts";

/** How deep maps and lists may stand in each other; the deepest message of the protocol, a manifest in an answer, has less than ten levels. */
export const maxDepth = 32;

/** How many keys and values a message may have in all: ten times a beat of 20,000 held units. Every one costs memory, however few bytes it has. */
export const maxValues = 1_000_000;

const tooLarge = (what: string, why: string): never => {
  throw new ProtocolError("too-large", `a ${what} ${why}`);
};
const garbled = (what: string, at: number, why: string): never => {
  throw new ProtocolError("garbled", `a ${what} cannot be decoded: ${why} at byte ${at}`);
};

/** For each marker, how many bytes behind it are the length of a bin, str, list or map. */
const lengthBytes = new Uint8Array(256);
lengthBytes.set([1, 2, 4], 0xc4);
lengthBytes.set([1, 2, 4, 2, 4, 2, 4], 0xd9);
/** For each marker, how many bytes behind it are a number. */
const numberBytes = new Uint8Array(256);
numberBytes.set([4, 8, 1, 2, 4, 8, 1, 2, 4, 8], 0xca);

/**
 * Walks over msgpack without making anything of it: one value, whole, of plain data (no extension types), not deeper than {@link maxDepth},
 * not more than {@link maxValues}. What passes can be decoded in time and memory that its size bounds; a decoder that recurses would
 * otherwise fall over a megabyte of nested lists, and seven million empty maps in eight megabytes take a gigabyte.
 * @throws ProtocolError `too-large`, `garbled`.
 */
export function checkShape(bytes: Uint8Array, what: string): void {
  /** Values that are still to come in each open list or map. */
  const open = [1];
  let at = 0;
  let values = 0;
  while (open.length > 0) {
    const left = open.length - 1;
    if (open[left] === 0) {
      open.pop();
      continue;
    }
    open[left]! -= 1;
    if (at >= bytes.length) garbled(what, at, "it ends too early");
    values += 1;
    if (values > maxValues) tooLarge(what, `has more than ${maxValues} values`);

    const marker = bytes[at]!;
    at += 1;
    let children = 0;
    if (marker <= 0x7f || marker >= 0xe0) continue;
    if (marker <= 0x8f) children = 2 * (marker & 0x0f);
    else if (marker <= 0x9f) children = marker & 0x0f;
    else if (marker <= 0xbf) at += marker & 0x1f;
    else if (marker === 0xc0 || marker === 0xc2 || marker === 0xc3) continue;
    else if (numberBytes[marker]! > 0) at += numberBytes[marker]!;
    else {
      const width = lengthBytes[marker]!;
      if (width === 0) garbled(what, at - 1, `0x${marker.toString(16)} is no plain data`);
      let length = 0;
      for (let index = 0; index < width; index += 1) length = length * 256 + (bytes[at + index] ?? 0);
      at += width;
      if (marker >= 0xde) children = 2 * length;
      else if (marker >= 0xdc) children = length;
      else at += length;
    }
    if (at > bytes.length || children > bytes.length - at) garbled(what, at, "it claims more than there is");
    if (children === 0) continue;
    if (open.length > maxDepth) tooLarge(what, `is nested deeper than ${maxDepth} levels`);
    open.push(children);
  }
  if (at !== bytes.length) garbled(what, at, "there is more behind its end");
}
