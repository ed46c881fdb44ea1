import { describe, expect, test } from "vitest";
import { describeFinishIn, slotsFor } from "../src/status/finish-in.ts";

const manifest = (rest: readonly (readonly [number, number, number])[], workers: { alive: number; slots: number }): object => ({
  progress: {
    processing_stats: {
      predictions: {
        rest: rest.map(([nside, recos, slotSec]) => ({ nside, recos, "slot seconds per reco": slotSec })),
      },
    },
  },
  workers,
});

describe("how many clients it takes to finish in a wished time", () => {
  test("is the fewest with which all nsides, one after the other, are done by then", () => {
    expect(slotsFor([{ nside: 8, fits: 1000, slotSec: 6 }], 600)).toBe(10);
    const two = [
      { nside: 8, fits: 100, slotSec: 6 },
      { nside: 64, fits: 100, slotSec: 12 },
    ];
    expect(slotsFor(two, 180)).toBe(10);
    expect(slotsFor(two, 179)).toBe(11);
    expect(slotsFor(two, 18)).toBe(100);
    expect(slotsFor(two, 17)).toBeUndefined();
    expect(slotsFor([], 60)).toBe(1);
  });

  test("is said with the arithmetic, in clients like those that are there", () => {
    const lines = describeFinishIn(
      manifest(
        [
          [8, 1000, 6],
          [64, 0, 6],
        ],
        { alive: 2, slots: 4 },
      ),
      600,
    );
    expect(lines.join("\n")).toBe(
      [
        "finish in  0:10:00: 5 clients with 2 slots each; now 2 clients with 4 slots: 3 more",
        "           1000 fits of nside 8 x 6.00 s = 6000 s of one slot",
        "           with 10 slots 0:10:00: an nside takes its fits / slots, and one fit at least",
      ].join("\n"),
    );
  });

  test("cannot be had when one fit takes longer, and not be said before there was one: both are said", () => {
    expect(describeFinishIn(manifest([[8, 5, 60]], { alive: 1, slots: 1 }), 30)[0]).toContain("not with any number of clients");
    expect(describeFinishIn(manifest([], { alive: 0, slots: 0 }), 30)[0]).toContain("before the first fits are done");
    expect(describeFinishIn(null, 30)[0]).toContain("before the first fits are done");
  });
});
