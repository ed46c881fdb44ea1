// `npm test`: builds, runs every test that this machine has the services for, and says per tier what passed, failed and was skipped.
//   npm test -- --only NAME[,NAME]   some tiers      npm test -- PATH…     some files
//   npm run test:all                 gets the services first; a skip of what could be had is a failure
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { build, prepareForSources } from "./prepare.mjs";
import { checkout, CannotGoOn, command, forwardSignals, say } from "./processes.mjs";
import { dataMissing, getServices, sayUnavailable, servicesAlreadyHere } from "./test-services.mjs";
import { closingLine, summarise } from "./test-summary.mjs";
import { filesOf, readsData, selectable, testFiles, tierOf } from "./test-tiers.mjs";

function readArguments(args) {
  try {
    const { values, positionals } = parseArgs({
      args,
      allowPositionals: true,
      options: { only: { type: "string", multiple: true }, all: { type: "boolean", default: false } },
    });
    const only = (values.only ?? []).flatMap((list) => list.split(",")).filter((name) => name !== "");
    const unknown = only.filter((name) => !selectable.includes(name));
    if (unknown.length > 0)
      throw new CannotGoOn(`--only ${unknown.join(",")}: there is no such tier; it takes ${selectable.join(", ")}`);
    return { only, all: values.all, paths: positionals };
  } catch (error) {
    if (error instanceof CannotGoOn) throw error;
    throw new CannotGoOn(
      `${error.message}\nUsage: npm test -- [--only NAME[,NAME]] [--all] [PATH…]; NAME: ${selectable.join(", ")}`,
    );
  }
}

/** The chosen files: of any of the tiers, and holding any of the paths. */
function chooseFiles({ only, paths }) {
  const all = testFiles();
  const ofTiers = only.length === 0 ? all : [...new Set(only.flatMap((name) => filesOf(name, all)))];
  const files = paths.length === 0 ? ofTiers : ofTiers.filter((file) => paths.some((path) => file.includes(path)));
  if (files.length === 0) throw new CannotGoOn(`No test was run: no test file belongs to ${[...only, ...paths].join(", ")}.`);
  return files;
}

/** Runs vitest over the files; resolves with the report that vitest-report.mjs wrote. */
async function runVitest(files, env) {
  const directory = mkdtempSync(join(tmpdir(), "skyscan-test-"));
  const report = join(directory, "report.json");
  try {
    const reporters = ["--reporter=./scripts/vitest-report.mjs", "--reporter=default"];
    const child = spawn(process.execPath, ["node_modules/vitest/vitest.mjs", "run", ...reporters, ...files], {
      cwd: checkout,
      stdio: ["ignore", "inherit", "inherit"],
      env: { ...env, SKYSCAN_TEST_REPORT: report },
    });
    forwardSignals(child);
    const status = await new Promise((resolve) => child.on("close", (code) => resolve(code ?? 1)));
    return { status, ...JSON.parse(readFileSync(report, "utf8")) };
  } catch (error) {
    throw new CannotGoOn(`vitest ended without a report: ${error.message}`);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

const listOf = (text) =>
  (text ?? "")
    .split(",")
    .map((name) => name.trim())
    .filter((name) => name !== "");

await command(async (args) => {
  const choice = readArguments(args);
  await prepareForSources();
  const files = chooseFiles(choice);
  const tiers = new Set(files.map(tierOf));
  // Unit tests import the sources; the other tiers start what was built.
  if (files.some((file) => tierOf(file) !== "unit")) await build({ forTests: true });
  const services = choice.all
    ? await getServices(tiers)
    : { env: await servicesAlreadyHere(), required: new Set(), unavailable: new Map() };
  const noData = dataMissing();
  if (choice.all && noData !== undefined && files.some(readsData)) services.unavailable.set("data", noData);
  sayUnavailable(services.unavailable);

  const required = new Set([...listOf(process.env.SKYSCAN_TEST_REQUIRE), ...services.required]);
  const report = await runVitest(files, { ...process.env, ...services.env, SKYSCAN_TEST_REQUIRE: [...required].join(",") });
  const { lines, ...counts } = summarise(report, required);
  for (const line of lines) say(line);
  if (choice.all) sayUnavailable(services.unavailable);
  if (counts.passed + counts.failed === 0) say("No test was run.");
  process.stdout.write(`${closingLine(counts)}\n`);
  return counts.failed > 0 || counts.passed === 0 || report.status !== 0 ? 1 : 0;
});
