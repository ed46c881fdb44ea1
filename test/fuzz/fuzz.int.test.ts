import { describe, expect, test } from "vitest";
import { fuzz } from "./campaign.ts";
import { inputsOf } from "./inputs.ts";
import { targets } from "./targets.ts";

const total = 2000;
const each = Math.ceil(total / targets.length);

describe("whatever foreign bytes a parser is given", () => {
  test("it reads them or refuses them in its family's words, within a second and 512 MB", async () => {
    const jobs = targets.map(({ name }) => ({ target: name, from: 0, to: each }));
    const results = await fuzz(jobs, 1, () => undefined);
    expect(results.flatMap(({ failures }) => failures)).toEqual([]);
    expect(results.map(({ target, tried }) => [target, tried])).toEqual(targets.map(({ name }) => [name, each]));
    // A target that takes everything, or nothing, tests nothing.
    for (const { target, accepted, refused } of results) {
      expect([target, accepted > 0, refused > 0]).toEqual([target, true, true]);
    }
  }, 600_000);

  test("an input is made again from target, seed and number", () => {
    const target = targets.find(({ name }) => name === "reply-message")!;
    const [first, second, otherSeed] = [inputsOf(target, 5), inputsOf(target, 5), inputsOf(target, 6)];
    const numbers = Array.from({ length: 50 }, (_, k) => 100 + k);
    expect(numbers.map(first)).toEqual(numbers.map(second));
    expect(numbers.map(first)).not.toEqual(numbers.map(otherSeed));
  });
});
