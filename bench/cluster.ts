// npm run bench:cluster -- [--only stragglers|thresholds] [--slots N,N] [--thresholds F,F] [--nsides N:X,N:X] [--variations N] [--seeds N] [--first-seed N] [--json]
// The real engine over a simulated cluster in virtual time: what copies of late units bring, and what predictive scanning thresholds do.
import { parseArgs } from "node:util";
import { complain, runBenchmark } from "./command.ts";
import { clusterInputs } from "./cluster/inputs.ts";
import { clusterLines, stragglerRows, thresholdRows } from "./cluster/tables.ts";
import type { ClusterRow } from "./cluster/tables.ts";
import { printReport } from "./report.ts";

const usage = `npm run bench:cluster -- [options]

  --only PART          stragglers (with and without copies of late units) or thresholds (default: both)
  --slots N,N          slots of the cluster (default: stragglers 1000; thresholds 100,1000,10000,100000)
  --thresholds F,F     predictive scanning thresholds (default 1.0,0.8,0.6,0.4,0.2,0.1)
  --nsides N:X,N:X     progression (default 8:0,64:12,512:24)
  --variations N       position variations, that is fits, per pixel (default 7)
  --seeds N            scans per line, which differ in their random numbers (default 5)
  --first-seed N       of the scans of a line; the others count on from it (default 1)
  --json               one JSON object on stdout

Exit status: 0 simulated; 1 it failed; 2 wrong usage.
`;

interface Settings {
  readonly only: string | undefined;
  readonly slots: readonly number[] | undefined;
  readonly thresholds: readonly number[];
  readonly nsides: readonly string[];
  readonly variations: number;
  readonly seeds: readonly number[];
  readonly json: boolean;
}

/** Undefined when help was asked for. @throws Error that names the option, the value and what is allowed */
function settingsOf(words: string[]): Settings | undefined {
  const { values } = parseArgs({
    args: words,
    options: {
      only: { type: "string" },
      slots: { type: "string" },
      thresholds: { type: "string", default: "1.0,0.8,0.6,0.4,0.2,0.1" },
      nsides: { type: "string", default: "8:0,64:12,512:24" },
      variations: { type: "string", default: "7" },
      seeds: { type: "string", default: "5" },
      "first-seed": { type: "string", default: "1" },
      json: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) return undefined;
  const numbers = (name: string, text: string, least: number, most: number, whole: boolean): number[] =>
    text.split(",").map((word) => {
      const number = Number(word);
      if (word.trim() === "" || !(number >= least && number <= most) || (whole && !Number.isInteger(number)))
        throw new Error(
          `--${name} ${word} is not allowed: it takes ${whole ? "whole numbers" : "numbers"} from ${least} to ${most}`,
        );
      return number;
    });
  if (values.only !== undefined && values.only !== "stragglers" && values.only !== "thresholds")
    throw new Error(`--only ${values.only} is not allowed: it takes stragglers or thresholds`);
  const firstSeed = numbers("first-seed", values["first-seed"], 1, 1_000_000, true)[0]!;
  return {
    only: values.only,
    slots: values.slots === undefined ? undefined : numbers("slots", values.slots, 4, 100_000, true),
    thresholds: numbers("thresholds", values.thresholds, 0.1, 1, false),
    nsides: values.nsides.split(","),
    variations: numbers("variations", values.variations, 1, 1000, true)[0]!,
    seeds: Array.from({ length: numbers("seeds", values.seeds, 1, 1000, true)[0]! }, (_, scan) => firstSeed + scan),
    json: values.json,
  };
}

async function main({ only, slots, thresholds, nsides, variations, seeds, json }: Settings): Promise<void> {
  const progression = await clusterInputs(nsides, variations);
  const rows: ClusterRow[] = [];
  if (only !== "thresholds")
    for (const count of slots ?? [1000]) rows.push(...(await stragglerRows(count, progression, seeds, complain)));
  if (only !== "stragglers")
    rows.push(...(await thresholdRows(slots ?? [100, 1000, 10_000, 100_000], thresholds, progression, seeds, complain)));
  printReport({ json, rows, lines: () => clusterLines(rows) });
}

await runBenchmark({ name: "cluster", usage, settingsOf, main });
