// The reporter that the summary of a test run is made from, in a vitest of its own.
import { execFile } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { repositoryPath, temporaryDirectory } from "@skyscan/testing";

const tests = `
let tries = 0;
test("passes at the second try", () => { tries += 1; expect(tries).toBe(2); });
test("passes", () => undefined);
`;

test("a test that passed only when it was tried once more is marked, with what it said before", async () => {
  const directory = await temporaryDirectory();
  try {
    const report = join(directory.path, "report.json");
    await writeFile(join(directory.path, "a.test.js"), tests);
    await promisify(execFile)(
      process.execPath,
      [
        ...[repositoryPath("node_modules/vitest/vitest.mjs"), "run", "--root", directory.path, "--globals", "--retry=1"],
        `--reporter=${repositoryPath("scripts/vitest-report.mjs")}`,
      ],
      { env: { ...process.env, VITEST: undefined, NODE_OPTIONS: undefined, SKYSCAN_TEST_REPORT: report } },
    );
    const { rows } = JSON.parse(await readFile(report, "utf8")) as { readonly rows: unknown };
    expect(rows).toMatchObject([
      { name: "passes at the second try", state: "passed", again: true, note: expect.stringContaining("expected 1 to be 2") },
      { name: "passes", state: "passed" },
    ]);
    expect(rows).not.toHaveProperty("1.again");
  } finally {
    await directory.remove();
  }
});
