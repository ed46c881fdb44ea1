import { createRandom } from "@skyscan/simulation";

/** Seeded draws: the same words give the same draws on every machine. */
export interface Draws {
  /** In [0, 1). */
  readonly uniform: () => number;
  /** An integer in [0, below). */
  readonly below: (limit: number) => number;
  pick<T>(items: readonly T[]): T;
  readonly chance: (probability: number) => boolean;
}

/** FNV-1a over the words, so that neighbouring seeds and indices have nothing in common. */
function hash(words: readonly (string | number)[]): number {
  let state = 0x811c9dc5;
  for (const byte of Buffer.from(words.join("\0"))) state = Math.imul(state ^ byte, 0x01000193);
  return state >>> 0;
}

export function drawsOf(...words: readonly (string | number)[]): Draws {
  const random = createRandom(hash(words));
  const uniform = (): number => random.uniform();
  const below = (limit: number): number => Math.floor(uniform() * limit);
  return {
    uniform,
    below,
    pick: (items) => items[below(items.length)]!,
    chance: (probability) => uniform() < probability,
  };
}
