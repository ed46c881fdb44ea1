import { describe, expect, it } from "vitest";
import { createRandom, lightOfTrack } from "../src/index.ts";

function moments(draw: () => number, count = 40_000): { mean: number; variance: number } {
  const values = Array.from({ length: count }, draw);
  const mean = values.reduce((sum, value) => sum + value, 0) / count;
  return { mean, variance: values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / count };
}

describe("the random numbers of a simulation", () => {
  it("are the same for the same seed on every machine", () => {
    const random = createRandom(2024);
    expect([random.uniform(), random.uniform(), random.uniform()]).toMatchInlineSnapshot(`
      [
        0.7393079800168905,
        0.6741397096802112,
        0.06957772006282814,
      ]
    `);
    expect(createRandom(1).uniform()).not.toBe(createRandom(2).uniform());
  });
  it("have the moments of their distributions", () => {
    const random = createRandom(7);
    const near = (found: { mean: number; variance: number }, mean: number, variance: number): void => {
      expect(Math.abs(found.mean - mean)).toBeLessThan(5 * Math.sqrt(variance / 40_000));
      expect(Math.abs(found.variance / variance - 1)).toBeLessThan(0.1);
    };
    near(
      moments(() => random.uniform()),
      0.5,
      1 / 12,
    );
    near(
      moments(() => random.normal()),
      0,
      1,
    );
    for (const mean of [0.3, 4, 200])
      near(
        moments(() => random.poisson(mean)),
        mean,
        mean,
      );
    for (const shape of [0.2, 1, 7.5])
      near(
        moments(() => random.gamma(shape)),
        shape,
        shape,
      );
    expect(random.poisson(0)).toBe(0);
  });
});

describe("the light of a track", () => {
  it("reaches a module beside a horizontal track after the Cherenkov detour, and better from below than from above", () => {
    const track = { point: { xM: 0, yM: 0, zM: 0 }, timeNs: 100, direction: [1, 0, 0] as const };
    const above = lightOfTrack(track, { xM: 0, yM: 0, zM: 30 });
    const below = lightOfTrack(track, { xM: 0, yM: 0, zM: -30 });
    expect(above.geometricNs).toBeCloseTo(100 + (0.9173 * 30) / 0.299792458, 1);
    expect(below.geometricNs).toBe(above.geometricNs);
    expect(above.cosEta).toBeCloseTo(0.6524, 4);
    expect(below.cosEta).toBeCloseTo(-0.6524, 4);
    expect(below.effectiveM).toBeGreaterThan(above.effectiveM);
    expect(lightOfTrack(track, { xM: 29.9792458, yM: 0, zM: 0 }).geometricNs).toBeCloseTo(200, 6);
  });
});
