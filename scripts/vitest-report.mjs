// A vitest reporter that writes what the summary of `npm test` is made from: one row per test, with the reason that a skip was given.
import { writeFileSync } from "node:fs";
import { relative } from "node:path";
import { checkout, say } from "./processes.mjs";
import { failureLines } from "./test-summary.mjs";

const row = (file, name, state, more = {}) => ({ file, name, state, ...more });

/** The rows of a test file. What fails outside a test (import, hooks) is a failed row of its own, or its tests would just be missing. */
function rowsOf(module) {
  const file = relative(checkout, module.moduleId);
  const rows = [];
  if (module.errors().length > 0) rows.push(row(file, "(the file itself)", "failed", { note: module.errors()[0].message }));
  for (const suite of module.children.allSuites()) {
    if (suite.errors().length > 0)
      rows.push(row(file, `${suite.fullName} (its hooks)`, "failed", { note: suite.errors()[0].message }));
  }
  for (const test of module.children.allTests()) {
    const { state, note, errors } = test.result();
    rows.push(
      row(file, test.fullName, state, {
        note: note ?? errors?.[0]?.message ?? (hooksFailed(test.parent) ? "the hooks of its suite, which failed" : undefined),
        ...(test.diagnostic()?.flaky === true && { again: true }),
      }),
    );
  }
  return rows;
}

const hooksFailed = (suite) => suite.type === "suite" && (suite.errors().length > 0 || hooksFailed(suite.parent));

/** Named by path on vitest's command line, which wants a default export. SKYSCAN_TEST_REPORT is the file to write. */
export default class Report {
  onTestRunEnd(modules, unhandledErrors, reason) {
    const report = {
      reason,
      rows: modules.flatMap(rowsOf),
      unhandled: unhandledErrors.map((error) => error.message),
      secondsPerFile: Object.fromEntries(modules.map((module) => [relative(checkout, module.moduleId), secondsOf(module)])),
    };
    writeFileSync(process.env.SKYSCAN_TEST_REPORT, JSON.stringify(report));
    // Before vitest shows each at length: where only a part of the output is kept, which failed and why is together.
    for (const line of failureLines(report)) say(line);
  }
}

function secondsOf(module) {
  const { environmentSetupDuration, prepareDuration, collectDuration, setupDuration, duration } = module.diagnostic();
  return (environmentSetupDuration + prepareDuration + collectDuration + setupDuration + duration) / 1000;
}
