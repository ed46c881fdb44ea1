import type { Random } from "@skyscan/simulation";

export const between = (random: Random, low: number, high: number): number => low + (high - low) * random.uniform();
export const whole = (random: Random, below: number): number => Math.floor(below * random.uniform());
export const pick = <T>(random: Random, list: readonly T[]): T => list[whole(random, list.length)]!;

export function shuffled<T>(random: Random, list: readonly T[]): T[] {
  const left = [...list];
  return list.map(() => left.splice(whole(random, left.length), 1)[0]!);
}
