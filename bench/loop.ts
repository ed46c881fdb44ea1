// npm run bench:loop -- [--units N] [--repetitions R] [--driver NAME] [--only TEXT] [--json]
// What the engine keeps of the bare loop of its broker's client library: docs/performance.md says how it is measured.
import { parseArgs } from "node:util";
import { driverLaunchers, temporaryDirectory } from "@skyscan/testing";
import type { TestBroker } from "@skyscan/testing";
import { complain, runBenchmark, wholeNumber } from "./command.ts";
import { loopCases, loopDrivers } from "./loop/cases.ts";
import type { LoopCase } from "./loop/cases.ts";
import { measureLoop } from "./loop/measure.ts";
import type { LoopRow } from "./loop/measure.ts";
import { createSides } from "./loop/sides.ts";
import { simulatedEvent } from "./simulated-event.ts";
import { alignedLines, printReport, shown } from "./report.ts";

const usage = `npm run bench:loop -- [options]

  --units N            units of one measurement, about (default 100000); the fast cases take up to four times as many
  --repetitions R      rounds, each with every case and its bare loop (default 5)
  --driver NAME        ${loopDrivers.join(" or ")} (default: all)
  --only TEXT          only the cases with this in their name
  --json               one JSON object on stdout

Needs a broker on this machine for its cases, a C++ compiler, and the built packages.
Exit status: 0 measured; 1 it failed; 2 wrong usage. Ratios that are not reached are marked, they are no failure: machines differ.
`;

interface Settings {
  readonly units: number;
  readonly repetitions: number;
  readonly cases: readonly LoopCase[];
  readonly json: boolean;
}

/** Undefined when help was asked for. @throws Error that names the option, the value and what is allowed */
function settingsOf(words: string[]): Settings | undefined {
  const { values } = parseArgs({
    args: words,
    options: {
      units: { type: "string", default: "100000" },
      repetitions: { type: "string", default: "5" },
      driver: { type: "string" },
      only: { type: "string", default: "" },
      json: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) return undefined;
  const { driver, only } = values;
  if (driver !== undefined && !loopDrivers.includes(driver))
    throw new Error(`--driver ${driver} is not allowed: it takes ${loopDrivers.join(" or ")}`);
  return {
    units: wholeNumber("units", values.units, 100),
    repetitions: wholeNumber("repetitions", values.repetitions, 1),
    cases: loopCases.filter((one) => (driver === undefined || one.driver === driver) && one.name.includes(only)),
    json: values.json,
  };
}

function linesOf(rows: readonly LoopRow[]): string[] {
  const ratio = (value: number): string => value.toFixed(2);
  return alignedLines([
    ["driver", "case", "per second", "of bare", "least to most", "wanted", "pairs"],
    ...rows.map(({ driver, case: name, window, perSec, ofBare, spread, atLeast, pairs }) => [
      driver,
      window === null ? name : `${name}, window ${window}`,
      shown(Math.round(perSec)),
      ofBare === null ? "" : ratio(ofBare),
      ofBare === null
        ? `${Math.round(spread.least)} to ${Math.round(spread.most)}`
        : `${ratio(spread.least)} to ${ratio(spread.most)}`,
      atLeast === null ? "" : `${ratio(atLeast)}${(ofBare ?? 0) < atLeast ? "  NOT REACHED" : ""}`,
      String(pairs),
    ]),
  ]);
}

async function main({ units, repetitions, json, ...settings }: Settings): Promise<void> {
  const launchers = driverLaunchers.filter(({ client }) => settings.cases.some(({ driver }) => driver === client));
  const missing = new Set<string>();
  for (const launcher of launchers) {
    if (launcher.missing === undefined) continue;
    complain(`${launcher.client}: left out, ${launcher.missing}`);
    missing.add(launcher.client);
  }
  const cases = settings.cases.filter(({ driver }) => !missing.has(driver));
  const directory = await temporaryDirectory();
  const brokers = new Map<string, TestBroker>();
  try {
    const titles: string[] = [];
    const versions = new Map<string, string>();
    for (const { client, title, start } of launchers.filter((one) => !missing.has(one.client))) {
      const broker = await start();
      brokers.set(client, broker);
      versions.set(client, await broker.version());
      titles.push(`${title} ${versions.get(client)}`);
    }
    const eventFile = await simulatedEvent(directory.path);
    const sides = await createSides({ directory: directory.path, eventFile, brokers });
    const onMeasured = (what: string, perSec: number): void => complain(`${Math.round(perSec)} per second: ${what}`);
    const rows = await measureLoop({ sides, units, repetitions, cases, onMeasured });
    printReport({
      json,
      rows: rows.map((row) => ({ ...row, ...(versions.has(row.driver) && { brokerVersion: versions.get(row.driver) }) })),
      lines: () => [...titles, ...linesOf(rows)],
    });
  } finally {
    for (const broker of brokers.values()) await broker.stop();
    await directory.remove();
  }
}

await runBenchmark({ name: "loop", usage, settingsOf, main });
