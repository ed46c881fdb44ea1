import { describe, expect, it } from "vitest";

interface Row {
  readonly file: string;
  readonly name: string;
  readonly state: string;
  readonly note?: string;
  readonly again?: boolean;
}
interface Report {
  readonly rows: readonly Row[];
  readonly unhandled: readonly string[];
  readonly secondsPerFile: Readonly<Record<string, number>>;
}
interface Summary {
  readonly lines: readonly string[];
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}
// Plain JavaScript, since it runs before anything is installed.
const load = async <T>(name: string): Promise<T> => (await import(new URL(`../scripts/${name}`, import.meta.url).href)) as T;
const { tierOf, filesOf } = await load<{
  tierOf: (path: string) => string;
  filesOf: (name: string, files: readonly string[]) => readonly string[];
}>("test-tiers.mjs");
const { summarise, closingLine } = await load<{
  summarise: (report: Report, required: ReadonlySet<string>) => Summary;
  closingLine: (summary: Omit<Summary, "lines">) => string;
}>("test-summary.mjs");

describe("the tier of a test file", () => {
  it.each([
    ["packages/server/test/seeds.test.ts", "unit"],
    ["packages/recos/test/runner.int.test.ts", "processes"],
    ["packages/broker/test/contract.rabbitmq.int.test.ts", "rabbitmq"],
    ["packages/broker/test/contract.rabbitmq4.int.test.ts", "rabbitmq4"],
    ["packages/skymap/test/skyreader.python.int.test.ts", "python"],
    ["test/e2e/scan.e2e.test.ts", "e2e"],
    ["test/faults/kill.e2e.test.ts", "faults"],
    ["test/e2e/scan.rabbitmq.e2e.test.ts", "rabbitmq"],
    ["packages/broker/test/rabbitmq/address.test.ts", "unit"],
  ])("%s: %s", (path, tier) => {
    expect(tierOf(path)).toBe(tier);
  });

  it("a file of two services is run for either", () => {
    const files = ["test/faults/kill.rabbitmq.e2e.test.ts", "test/e2e/scan.e2e.test.ts"];
    expect(filesOf("faults", files)).toEqual(files.slice(0, 1));
    expect(filesOf("rabbitmq", files)).toEqual(files.slice(0, 1));
  });
});

describe("the summary of a test run", () => {
  const rabbitmq = "packages/broker/test/contract.rabbitmq.int.test.ts";
  const report = (rows: readonly Row[], unhandled: readonly string[] = []): Report => ({ rows, unhandled, secondsPerFile: {} });

  it("counts tests, and errors outside of tests as failed", () => {
    const rows = [
      { file: "test/a.test.ts", name: "x", state: "passed" },
      { file: "test/a.test.ts", name: "y", state: "failed" },
    ];
    const summary = summarise(report(rows, ["a promise nobody awaited"]), new Set());
    expect(closingLine(summary)).toBe("1 passed, 2 failed");
    expect(summary.lines.join("\n")).toContain("a promise nobody awaited");
  });

  it("lists skips with what they need", () => {
    const rows = [
      { file: rabbitmq, name: "x", state: "skipped" },
      { file: "test/a.test.ts", name: "y", state: "skipped", note: "needs root" },
    ];
    const summary = summarise(report(rows), new Set());
    expect(closingLine(summary)).toBe("0 passed, 0 failed, 2 skipped");
    expect(summary.lines.join("\n")).toMatch(/a RabbitMQ server[^]*contract\.rabbitmq[^]*needs root/);
  });

  it("lists what passed at the second try only, with what it said at the first", () => {
    const rows = [{ file: rabbitmq, name: "x", state: "passed", again: true, note: "too late\nand more" }];
    const summary = summarise(report(rows), new Set());
    expect(closingLine(summary)).toBe("1 passed, 0 failed");
    expect(summary.lines.slice(-2)).toEqual(["Passed at the second try only:", `  ${rabbitmq}: x: too late`]);
  });

  it("counts the skip of a required service as a failure", () => {
    const summary = summarise(report([{ file: rabbitmq, name: "x", state: "skipped" }]), new Set(["rabbitmq"]));
    expect(closingLine(summary)).toBe("0 passed, 1 failed");
  });
});
