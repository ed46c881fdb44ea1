import { expect, test } from "vitest";
import { createPeers } from "../src/units/peers.ts";

/** Runtimes between half and twice a usual one, the same every time. */
const around = (medianSec: number, position: number): number => medianSec * 2 ** (((position * 7) % 11) / 5 - 1);

test("a few fits that hang do not move what is usual", () => {
  const peers = createPeers();
  for (let fit = 0; fit < 110; fit += 1) peers.add(8, "w1", around(10, fit));
  const before = peers.of(8)!;
  for (let fit = 0; fit < 10; fit += 1) peers.add(8, "w1", 5000);
  expect(before.medianSec).toBeCloseTo(10, 0);
  expect(peers.of(8)!.medianSec).toBeLessThan(1.3 * before.medianSec);
});

test("every nside has its own peers", () => {
  const peers = createPeers();
  peers.add(8, "w1", 1);
  peers.add(64, "w1", 100);
  expect([peers.of(8)?.medianSec, peers.of(64)?.medianSec, peers.of(512)]).toEqual([1, expect.closeTo(100, 0), undefined]);
});

test("a slow worker is known by its pace, and does not make its peers look slow or fits look scattered", () => {
  const peers = createPeers();
  for (let fit = 0; fit < 400; fit += 1) {
    peers.add(8, `usual-${fit % 3}`, around(10, fit));
    if (fit % 4 === 0) peers.add(8, "slow", around(40, fit));
  }
  expect(peers.pace("slow")).toBeGreaterThan(3);
  expect(peers.pace("usual-1")).toBeCloseTo(1, 0);
  expect(peers.of(8)!.medianSec).toBeLessThan(13);
  expect(peers.of(8)!.spread).toBeLessThan(0.7);
  expect(peers.pace("nobody")).toBe(1);
});

test("one slow fit does not make a slow worker", () => {
  const peers = createPeers();
  for (let fit = 0; fit < 100; fit += 1) peers.add(8, "usual", around(10, fit));
  peers.add(8, "new", 40);
  expect(peers.pace("new")).toBeLessThan(2.1);
});
