// What `npm test` says at the end, from the report of vitest-report.mjs.
import { dataNeed, readsData, tierOf, tiers } from "./test-tiers.mjs";

/**
 * Lines to print, counts, and the skips that are failures because a required service's test did not run.
 * @param {{rows: {file: string, name: string, state: string, note?: string, again?: boolean}[], unhandled: string[], secondsPerFile: Record<string, number>}} report
 * @param {ReadonlySet<string>} required tiers whose skips are failures
 */
export function summarise(report, required) {
  const perTier = new Map(Object.keys(tiers).map((name) => [name, { passed: 0, failed: 0, skipped: 0, sec: 0 }]));
  for (const { file, state } of report.rows) perTier.get(tierOf(file))[state === "pending" ? "skipped" : state] += 1;
  for (const [file, sec] of Object.entries(report.secondsPerFile)) perTier.get(tierOf(file)).sec += sec;

  const lines = ["", "tier         passed  failed  skipped     time"];
  for (const [name, { passed, failed, skipped, sec }] of perTier) {
    if (passed + failed + skipped === 0) continue;
    const cells = [
      String(passed).padStart(8),
      String(failed).padStart(8),
      String(skipped).padStart(9),
      `${sec.toFixed(1)} s`.padStart(9),
    ];
    lines.push(name.padEnd(11) + cells.join(""));
  }
  lines.push(...skipLines(report.rows), ...againLines(report.rows), ...failureLines(report));

  const total = (state) => [...perTier.values()].reduce((sum, counts) => sum + counts[state], 0);
  const requiredSkips = report.rows.filter(({ file, state }) => state === "skipped" && required.has(tierOf(file)));
  for (const { file, name } of requiredSkips) lines.push(`Required, but skipped: ${file}: ${name}`);
  const failed = total("failed") + report.unhandled.length + requiredSkips.length;
  return { lines, passed: total("passed"), failed, skipped: total("skipped") - requiredSkips.length };
}

const needOf = ({ file, note }) =>
  note ?? tiers[tierOf(file)] ?? (readsData(file) ? dataNeed : "a condition that the test file states");

function groupBy(rows, keyOf) {
  const groups = new Map();
  for (const row of rows) groups.set(keyOf(row), [...(groups.get(keyOf(row)) ?? []), row]);
  return groups;
}

function skipLines(rows) {
  const skipped = rows.filter(({ state }) => state === "skipped" || state === "pending");
  if (skipped.length === 0) return [];
  const perNeed = [...groupBy(skipped, needOf)].flatMap(([need, group]) => [
    `  ${need}`,
    ...[...groupBy(group, ({ file }) => file)].map(
      ([file, { length }]) => `    ${file}: ${length} ${length === 1 ? "test" : "tests"}`,
    ),
  ]);
  return ["", "Skipped, and what it needs:", ...perNeed];
}

const rowLine = ({ file, name, note }) => `  ${file}: ${name}${note === undefined ? "" : `: ${note.split("\n")[0]}`}`;

/** Which tests passed only when they were tried once more, and what each said before: the cause is still to be found. */
function againLines(rows) {
  const again = rows.filter((row) => row.again === true);
  return again.length === 0 ? [] : ["", "Passed at the second try only:", ...again.map(rowLine)];
}

/** Which tests failed, and what each said first. */
export function failureLines({ rows, unhandled }) {
  const failed = rows.filter(({ state }) => state === "failed");
  if (failed.length + unhandled.length === 0) return [];
  return [
    "",
    "Failed:",
    ...failed.map(rowLine),
    ...unhandled.map((message) => `  an error that no test caught: ${message.split("\n")[0]}`),
  ];
}

/** The closing line: `N passed, N failed`, and the skips if there were any. */
export const closingLine = ({ passed, failed, skipped }) =>
  `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`;
