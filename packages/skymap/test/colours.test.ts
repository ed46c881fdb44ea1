import { describe, expect, it } from "vitest";
import { colourCount } from "../src/pictures/colours.ts";
import { colourScale } from "../src/pictures/scale.ts";
import { utcOfMjd } from "../src/pictures/utc-time.ts";

describe("colours and times", () => {
  it("the best fit has the first colour, all beyond the end the last", () => {
    const scale = colourScale([0, 10, 90, NaN], 50);
    expect(scale).toMatchObject({ max: 50, clipped: true });
    expect(scale.colourIndexOf(0)).toBe(0);
    expect(scale.colourIndexOf(90)).toBe(colourCount - 1);
    expect(scale.ticks[0]).toBe(0);
    expect(scale.ticks).toEqual([...scale.ticks].sort((a, b) => a - b));
  });

  it("a scale of equal or no values can be drawn", () => {
    for (const values of [[], [NaN], [0], [0, 0]]) expect(colourScale(values).max).toBe(1);
  });

  it("a modified Julian date is turned into UTC", () => {
    expect(utcOfMjd(40587)).toBe("1970-01-01 00:00:00 UTC");
    expect(utcOfMjd(58018.87118560489)).toBe("2017-09-22 20:54:30 UTC");
    expect(utcOfMjd(NaN)).toBeUndefined();
  });
});
