import { encode } from "@skyscan/protocol";
import type { ControlMessage } from "@skyscan/protocol";
import type { Draws } from "./draws.ts";
import { mutateTree, nestingPattern } from "./mutate-tree.ts";

/** Mutates the tree of a JSON text. */
export function insideJson(sample: Uint8Array, draws: Draws): Uint8Array | undefined {
  let tree: unknown;
  try {
    tree = JSON.parse(Buffer.from(sample).toString("utf8"));
  } catch {
    return undefined;
  }
  return Buffer.from(jsonOf(mutateTree(tree, draws)));
}

/** JSON as Python writes it, NaN and Infinity as bare words, with the nestings that marks stand for. */
function jsonOf(tree: unknown): string {
  const text = JSON.stringify(tree, (_, value: unknown) =>
    typeof value === "number" && !Number.isFinite(value) ? `@bare:${value}@` : value,
  ) as string | undefined;
  return (text ?? "")
    .replace(/"@bare:(-?[A-Za-z]+)@"/g, "$1")
    .replace(
      new RegExp(`"${nestingPattern.source}"`),
      (_, depth: string) => "[".repeat(Number(depth)) + "]".repeat(Number(depth)),
    );
}

/** A tree as msgpack, with the nestings that marks stand for. */
export function msgpackOf(tree: unknown): Uint8Array {
  const bytes = Buffer.from(encode(tree as ControlMessage));
  const match = nestingPattern.exec(bytes.toString("latin1"));
  if (match === null) return bytes;
  // The mark is a short text: one byte says its length.
  const lists = Buffer.concat([Buffer.alloc(Number(match[1]), 0x91), Buffer.of(0xc0)]);
  return Buffer.concat([bytes.subarray(0, match.index - 1), lists, bytes.subarray(match.index + match[0].length)]);
}
