import { afterEach, expect, test, vi } from "vitest";
import { runBenchmark, wholeNumber } from "../../bench/command.ts";

const ran = async (main: () => Promise<unknown>, text: string): Promise<unknown> => {
  await runBenchmark({ name: "some", usage: "how", settingsOf: () => wholeNumber("units", text, 5), main });
  return process.exitCode;
};

afterEach(() => {
  vi.restoreAllMocks();
  process.exitCode = undefined;
});

test("a number that is none, or too small, is named with what is allowed; a measurement that fails is no wrong usage", async () => {
  const said = vi.spyOn(process.stderr, "write").mockReturnValue(true);
  const good = (): Promise<void> => Promise.resolve();
  expect(await ran(good, "5")).toBe(0);
  expect(await ran(() => Promise.resolve(1), "5")).toBe(1);
  expect(said).not.toHaveBeenCalled();
  for (const text of ["4", "-5", "5.5", "many", ""]) {
    expect(await ran(good, text)).toBe(2);
    expect(said).toHaveBeenLastCalledWith(`bench:some: --units ${text} is not allowed: it takes a whole number from 5\n`);
  }
  expect(await ran(() => Promise.reject(new Error("the scan ended")), "5")).toBe(1);
  expect(said).toHaveBeenLastCalledWith("bench:some: the scan ended\n");
});
