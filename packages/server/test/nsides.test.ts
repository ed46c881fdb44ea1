import { UsageError } from "@skyscan/runtime";
import { describe, expect, test } from "vitest";
import { formatNsides, parseNsides } from "../src/sky/nsides.ts";

const parsed = (...words: string[]): string => formatNsides(parseNsides(words).steps);

describe("--nsides N:X, as v3.22", () => {
  test.each([
    [["8:0", "64:12", "512:24"], "8:0 64:12 512:24"],
    [["8:0 64:12 512:24"], "8:0 64:12 512:24"],
    [["8:0,64:12"], "8:0 64:12"],
    [["1:0"], "1:0"],
  ])("%j is the progression %s", (words, expected) => {
    expect(parsed(...words)).toBe(expected);
    expect(parseNsides(words).deprecated).toBe(false);
  });

  test.each([
    [[], /no value.*N:X pairs/],
    [["", " "], /no value/],
    [["8:1"], /8:1: the first extension must be 0/],
    [["8:0", "64:0"], /64:0: only the first extension may be 0/],
    [["8:0", "8:12"], /8 after 8: nsides must be unique and ascending/],
    [["64:0", "8:12"], /8 after 64: .*ascending/],
    [["12:0"], /12:0: nside 12 is not a power of two from 1 to 16777216/],
    [["0:0"], /nside 0 is not a power of two/],
    [["33554432:0"], /nside 33554432 is not a power of two from 1 to 16777216/],
    [["8:0", "64:-1"], /64:-1 is not allowed: --nsides takes N:X pairs/],
    [["8:0", "64:1.5"], /64:1.5 is not allowed/],
    [["8:0", "64"], /64 is not allowed/],
    [["eight"], /eight is not allowed/],
  ])("%j is refused, saying which value and what is allowed", (words, message) => {
    expect(() => parseNsides(words)).toThrow(UsageError);
    expect(() => parseNsides(words)).toThrow(message);
  });
});

describe("--nsides N M, as v3.4", () => {
  test.each([
    [["8"], "8:0"],
    [["8", "512"], "8:0 64:12 512:24"],
    [["512", "8"], "8:0 64:12 512:24"],
    [["8", "64"], "8:0 64:12"],
    [["1", "2"], "1:0 2:12"],
    [["64", "512"], "64:0 512:24"],
    [["128", "512"], "128:0 512:24"],
    [["8", "8"], "8:0"],
  ])("%j is read as %s and said to be deprecated", (words, expected) => {
    expect(parsed(...words)).toBe(expected);
    expect(parseNsides(words).deprecated).toBe(true);
  });

  test("more than two values are refused", () => {
    expect(() => parseNsides(["8", "64", "512"])).toThrow(/8 64 512: without extensions at most two values/);
  });

  test("a value that is no nside is refused", () => {
    expect(() => parseNsides(["7", "64"])).toThrow(/nside 7 is not a power of two/);
  });
});
