// npm run bench:physics -- [--events N] [--ice model|off10] [--reco pandel,pandel_spe] [--whole-scans] [--only …] [--json] [--resume-dir DIR]
// Do the native recos reach what is required of them? docs/simulation.md says what each figure means.
import { mkdir } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { iceNames } from "@skyscan/simulation";
import type { IceName } from "@skyscan/simulation";
import { dataMissing } from "@skyscan/testing";
import { complain, runBenchmark, wholeNumber } from "./command.ts";
import { coverageRows } from "./physics/coverage-rows.ts";
import { drawCoverage } from "./physics/coverage-picture.ts";
import { measureCoverage } from "./physics/coverage.ts";
import { recordedRows } from "./physics/recorded.ts";
import { table } from "./physics/rows.ts";
import type { Row } from "./physics/rows.ts";
import { speedRows } from "./physics/speed.ts";
import { printReport } from "./report.ts";

const usage = `npm run bench:physics -- [options]

  --events N           simulated tracks per reco (default 100; percentages of fewer are not judged)
  --seed S             seed of the first one (default 1000)
  --ice model|off10    ice of the simulation (default model; in the other one nothing is required)
  --reco NAMES         comma list (default pandel,pandel_spe)
  --whole-scans        scan the whole sky per event with \`skyscan scan\` (default: search within 4 degrees of the truth)
  --only PARTS         comma list of coverage, recorded, speed (default: all; recorded needs the real event files)
  --slots N            how many at a time (default: cores)
  --resume-dir DIR     keep what was measured there, and do not measure it again; pictures go there, too
  --json               one JSON object on stdout

Exit status: 0; 1 when something required is not reached; 2 wrong usage.
`;

const parts = ["coverage", "recorded", "speed"] as const;
interface Settings {
  readonly events: number;
  readonly seed: number;
  readonly ice: IceName;
  readonly recos: readonly string[];
  readonly wholeScans: boolean;
  readonly only: readonly string[];
  readonly slots: number;
  readonly resumeDir: string | undefined;
  readonly json: boolean;
}

/** Undefined when help was asked for. @throws Error that names the option, the value and what is allowed */
function settingsOf(words: string[]): Settings | undefined {
  const { values } = parseArgs({
    args: words,
    options: {
      events: { type: "string", default: "100" },
      seed: { type: "string", default: "1000" },
      ice: { type: "string", default: "model" },
      reco: { type: "string", default: "pandel,pandel_spe" },
      "whole-scans": { type: "boolean", default: false },
      only: { type: "string", default: parts.join(",") },
      slots: { type: "string", default: String(availableParallelism()) },
      "resume-dir": { type: "string" },
      json: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) return undefined;
  const oneOf = <T extends string>(name: string, value: string, allowed: readonly T[]): T => {
    const found = allowed.find((one) => one === value);
    if (found === undefined) throw new Error(`--${name} ${value} is not allowed: it takes ${allowed.join(", ")}`);
    return found;
  };
  const list = (name: string, value: string, allowed: readonly string[]): string[] =>
    value.split(",").map((one) => oneOf(name, one.trim(), allowed));
  return {
    events: wholeNumber("events", values.events, 1),
    seed: wholeNumber("seed", values.seed, 0),
    ice: oneOf("ice", values.ice, iceNames),
    recos: list("reco", values.reco, ["pandel", "pandel_spe"]),
    wholeScans: values["whole-scans"],
    only: list("only", values.only, parts),
    slots: wholeNumber("slots", values.slots, 1),
    resumeDir: values["resume-dir"] === undefined ? undefined : resolve(values["resume-dir"]),
    json: values.json,
  };
}

async function coverage(settings: Settings): Promise<Row[]> {
  const { ice, events, resumeDir, wholeScans } = settings;
  if (resumeDir !== undefined) await mkdir(resumeDir, { recursive: true });
  const rows: Row[] = [];
  for (const reco of settings.recos) {
    let done = 0;
    const measured = await measureCoverage({
      reco,
      ice,
      events,
      firstSeed: settings.seed,
      wholeScans,
      lanes: settings.slots,
      resumeDir,
      onEvent: ({ seed, twoDeltaLlh, errorDeg }, kept) =>
        complain(
          `${reco} ${++done}/${events} seed ${seed}: 2 dllh ${twoDeltaLlh.toFixed(2)}, ${errorDeg.toFixed(3)} deg${kept ? " (kept)" : ""}`,
        ),
    });
    rows.push(...coverageRows(reco, ice, measured));
    if (resumeDir !== undefined) for (const path of await drawCoverage(resumeDir, reco, ice, measured, complain)) complain(path);
  }
  return rows;
}

async function main(settings: Settings): Promise<number> {
  const rows: Row[] = [];
  if (settings.only.includes("coverage")) rows.push(...(await coverage(settings)));
  if (settings.only.includes("recorded")) {
    if (dataMissing === undefined) rows.push(...(await recordedRows(settings.slots, complain)));
    else complain(`recorded: skipped, ${dataMissing}`);
  }
  if (settings.only.includes("speed")) rows.push(...(await speedRows(settings.recos)));
  printReport({ json: settings.json, rows, lines: () => table(rows) });
  return rows.some(({ ok }) => ok === false) ? 1 : 0;
}

await runBenchmark({ name: "physics", usage, settingsOf, main });
