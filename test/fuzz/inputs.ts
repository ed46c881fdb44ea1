import fc from "fast-check";
import { drawsOf } from "./draws.ts";
import { maxInputBytes, mutateBytes } from "./mutate-bytes.ts";
import type { Target } from "./target.ts";
import { msgpackOf } from "./tree-codecs.ts";

/** Input number `index` of a target under a seed: always the same bytes. The first ones are the corpus as it is. */
export type MakeInput = (index: number) => Uint8Array;

/** Values that know nothing of the format: bytes, texts, JSON, msgpack. */
const arbitraries: readonly fc.Arbitrary<Uint8Array>[] = [
  fc.uint8Array({ maxLength: 200 }),
  fc.string({ unit: "binary", maxLength: 200 }).map((words) => Buffer.from(words)),
  fc.json().map((words) => Buffer.from(words)),
  fc.jsonValue().map(msgpackOf),
];

/** One input in so many knows nothing of the format; of the others, this share is mutated inside. */
const freshShare = 0.05;
const insideShare = 0.7;

export function inputsOf(target: Target, seed: number): MakeInput {
  const corpus = target.corpus();
  return (index) => {
    if (index < corpus.length) return corpus[index]!;
    const draws = drawsOf(target.name, seed, index);
    if (corpus.length === 0 || draws.chance(freshShare)) {
      return fc.sample(draws.pick(arbitraries), { seed: draws.below(2 ** 31), numRuns: 1 })[0]!;
    }
    const sample = draws.pick(corpus);
    const inside = draws.chance(insideShare) ? tryInside(target, sample, draws) : undefined;
    return inside !== undefined && inside.length <= 4 * maxInputBytes ? inside : mutateBytes(sample, draws, draws.pick(corpus));
  };
}

/** Handmade samples need not be whole: what cannot be opened is mutated from outside. */
function tryInside(target: Target, sample: Uint8Array, draws: ReturnType<typeof drawsOf>): Uint8Array | undefined {
  try {
    return target.inside?.(sample, draws);
  } catch {
    return undefined;
  }
}
