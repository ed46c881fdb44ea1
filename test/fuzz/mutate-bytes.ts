import type { Draws } from "./draws.ts";

type Mutation = (bytes: Buffer, draws: Draws, other: Uint8Array) => Buffer;

/** No input is larger: the point is what a parser makes of little, not how it reads much. */
export const maxInputBytes: number = 1024 * 1024;

const hugeNumbers = ["99999999999999999999", "1e308", "1e999", "-1", "0", "4294967295", "9007199254740993", "-0", "0x10", "NaN"];
const oddWords = [
  "\u0000",
  "\r\n",
  '"',
  "\\",
  "[",
  "{",
  "(",
  "}",
  "]",
  ",",
  ":",
  "/",
  "%",
  "%ZZ",
  "@",
  "é",
  "\ud83d\ude80",
  "__proto__",
];

const span = (bytes: Buffer, draws: Draws, most = 64): [from: number, to: number] => {
  const from = draws.below(bytes.length + 1);
  return [from, Math.min(bytes.length, from + 1 + draws.below(most))];
};
const splice = (bytes: Buffer, from: number, to: number, middle: Uint8Array): Buffer =>
  Buffer.concat([bytes.subarray(0, from), middle, bytes.subarray(to)]);

/** A value that lengths and counts trip over, as long as the field that is overwritten. */
function overwriteInteger(bytes: Buffer, draws: Draws): Buffer {
  const size = draws.pick([1, 2, 4, 8]);
  if (bytes.length < size) return bytes;
  const values = [
    0n,
    1n,
    0x7fn,
    0xffn,
    0x7fffn,
    0xffffn,
    0x7fff_ffffn,
    0xffff_ffffn,
    0x7fff_ffff_ffff_ffffn,
    0xffff_ffff_ffff_ffffn,
  ];
  const near = BigInt(bytes.length) + BigInt(draws.below(5) - 2);
  const value = BigInt.asUintN(8 * size, draws.chance(0.3) ? near : draws.pick(values));
  const field = Buffer.alloc(size);
  const bigEndian = draws.chance(0.5);
  for (let k = 0; k < size; k++) field[bigEndian ? size - 1 - k : k] = Number((value >> BigInt(8 * k)) & 0xffn);
  const at = draws.below(bytes.length - size + 1);
  return splice(bytes, at, at + size, field);
}

/** A run of digits somewhere behind a drawn place becomes another number. */
function replaceNumber(bytes: Buffer, draws: Draws): Buffer {
  let from = draws.below(bytes.length + 1);
  const isDigit = (at: number): boolean => bytes[at]! >= 0x30 && bytes[at]! <= 0x39;
  while (from < bytes.length && !isDigit(from)) from++;
  let to = from;
  while (to < bytes.length && isDigit(to)) to++;
  return from === to ? bytes : splice(bytes, from, to, Buffer.from(draws.pick(hugeNumbers)));
}

const mutations: readonly Mutation[] = [
  function flipBits(bytes, draws) {
    const flipped = Buffer.from(bytes);
    for (let k = 1 + draws.below(8); k > 0 && flipped.length > 0; k--)
      flipped[draws.below(flipped.length)]! ^= 1 << draws.below(8);
    return flipped;
  },
  function truncate(bytes, draws) {
    return bytes.subarray(0, draws.below(bytes.length + 1));
  },
  function cutOut(bytes, draws) {
    const [from, to] = span(bytes, draws);
    return splice(bytes, from, to, Buffer.alloc(0));
  },
  function insertWord(bytes, draws) {
    const at = draws.below(bytes.length + 1);
    return splice(bytes, at, at, Buffer.from(draws.pick(oddWords)));
  },
  function insertNoise(bytes, draws) {
    const at = draws.below(bytes.length + 1);
    return splice(bytes, at, at, Buffer.from(Array.from({ length: 1 + draws.below(16) }, () => draws.below(256))));
  },
  function duplicateBlock(bytes, draws) {
    const [from, to] = span(bytes, draws, draws.pick([8, 64, 4096]));
    const times = draws.pick([1, 1, 2, 16, 4096]);
    const block = bytes.subarray(from, to);
    return splice(
      bytes,
      to,
      to,
      Buffer.concat(Array.from({ length: Math.min(times, Math.ceil(65_536 / (block.length + 1))) }, () => block)),
    );
  },
  function spliceOther(bytes, draws, other) {
    const [from, to] = span(bytes, draws, 4096);
    const at = draws.below(other.length + 1);
    return splice(bytes, from, to, other.subarray(at, at + draws.below(4096)));
  },
  overwriteInteger,
  overwriteInteger,
  replaceNumber,
  function nestDeeply(bytes, draws) {
    const at = draws.below(bytes.length + 1);
    const depth = draws.pick([100, 5000, 100_000]);
    const [open, close] = draws.pick([
      ["[", "]"],
      ['{"a":', "}"],
      ["(", ")"],
    ] as const);
    const closed = draws.chance(0.7);
    return splice(bytes, at, at, Buffer.from(open.repeat(depth) + (closed ? `1${close.repeat(depth)}` : "")));
  },
];

/** One to four mutations, one after the other; `other` is what splices are taken from. */
export function mutateBytes(bytes: Uint8Array, draws: Draws, other: Uint8Array): Uint8Array {
  let mutated: Buffer = Buffer.from(bytes);
  for (let times = draws.pick([1, 1, 2, 4]); times > 0; times--) mutated = draws.pick(mutations)(mutated, draws, other);
  return mutated.subarray(0, maxInputBytes);
}
