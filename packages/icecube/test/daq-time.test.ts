import { describe, expect, it } from "vitest";
import { daqTimeToMjd, formatDaqTime, mjdToDaqTime } from "../src/index.ts";

const atSec = (year: number, sec: number) => ({ year, tenthsOfNs: BigInt(sec) * 10_000_000_000n });

describe("IceCube's time", () => {
  it("gives the double that IceTray gives", () => {
    expect(daqTimeToMjd({ year: 2022, tenthsOfNs: 123828921853524946n })).toBe(59723.32051140454);
    expect(daqTimeToMjd({ year: 2016, tenthsOfNs: 111998499229191710n })).toBe(57517.62789262638);
  });
  it("counts the leap second at the end of June", () => {
    const july = (Date.UTC(2015, 6, 1) - Date.UTC(2015, 0, 1)) / 1000;
    expect(formatDaqTime(atSec(2015, july - 1))).toBe("2015-06-30 23:59:59.0000000000 UTC");
    expect(formatDaqTime(atSec(2015, july + 1))).toBe("2015-07-01 00:00:00.0000000000 UTC");
    expect(formatDaqTime(atSec(2014, july))).toBe("2014-07-01 00:00:00.0000000000 UTC");
  });
  it("comes back from a modified Julian date to a microsecond", () => {
    for (const mjd of [53736, 56109.25, 57300.123456789, 59723.32051140454, 60310.999999]) {
      expect(Math.abs(daqTimeToMjd(mjdToDaqTime(mjd)) - mjd)).toBeLessThan(2e-11);
    }
  });
  it("refuses what is no time", () => {
    expect(() => daqTimeToMjd({ year: 0, tenthsOfNs: 0n })).toThrow(/year 0/);
    expect(() => daqTimeToMjd({ year: 2020, tenthsOfNs: 1n << 62n })).toThrow(/no time of IceCube/);
    expect(() => mjdToDaqTime(Infinity)).toThrow(/mjd Infinity/);
  });
});
