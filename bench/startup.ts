// npm run bench:startup -- [--repetitions R] [--clients N] [--nsides LIST] [--json]
// How long a scan on this machine takes beside its fits: before the first, and after the last. docs/performance.md
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { temporaryDirectory } from "@skyscan/testing";
import { complain, runBenchmark, wholeNumber } from "./command.ts";
import { alignedLines, printReport, spreadOf } from "./report.ts";
import type { Spread } from "./report.ts";
import { simulatedEvent } from "./simulated-event.ts";
import { runWholeScan } from "./whole-scan/run.ts";
import type { WholeScan } from "./whole-scan/run.ts";

const usage = `npm run bench:startup -- [options]

  --repetitions R      scans, one after the other (default 5)
  --clients N          local clients (default: cores)
  --nsides LIST        comma list, the progression (default 8:0,64:12)
  --json               one JSON object on stdout

skyscan scan with the embedded broker, local clients and pandel_spe on a simulated event. Linux only; needs the built packages and recos.
Exit status: 0 measured; 1 a scan failed; 2 wrong usage. What is not reached is marked, it is no failure: machines differ.
`;

interface Row {
  readonly case: string;
  readonly sec: Spread;
  readonly wantedSec: number | null;
  readonly repetitions: number;
}

interface Settings {
  readonly repetitions: number;
  readonly clients: number;
  readonly nsides: readonly string[];
  readonly json: boolean;
}

/** Undefined when help was asked for. @throws Error that names the option, the value and what is allowed */
function settingsOf(words: string[]): Settings | undefined {
  const { values } = parseArgs({
    args: words,
    options: {
      repetitions: { type: "string", default: "5" },
      clients: { type: "string", default: String(availableParallelism()) },
      nsides: { type: "string", default: "8:0,64:12" },
      json: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) return undefined;
  return {
    repetitions: wholeNumber("repetitions", values.repetitions, 1),
    clients: wholeNumber("clients", values.clients, 1),
    nsides: values.nsides.split(","),
    json: values.json,
  };
}

const figures: readonly { readonly case: string; readonly wantedSec: number | null; secOf(scan: WholeScan): number }[] = [
  { case: "command to first plan", wantedSec: null, secOf: ({ plannedSec }) => plannedSec },
  { case: "command to first fit", wantedSec: 2, secOf: ({ firstFitSec }) => firstFitSec },
  { case: "last reply to result", wantedSec: null, secOf: (scan) => scan.resultWrittenSec - scan.lastReplySec },
  { case: "last reply to all files, processes gone", wantedSec: 2, secOf: (scan) => scan.goneSec - scan.lastReplySec },
];

async function main({ repetitions, clients, nsides, json }: Settings): Promise<void> {
  const directory = await temporaryDirectory();
  try {
    const eventFile = await simulatedEvent(directory.path);
    const scans: WholeScan[] = [];
    for (let round = 0; round < repetitions; round += 1) {
      const scan = { directory: join(directory.path, `scan-${round}`), eventFile, reco: "pandel_spe", nsides, clients };
      scans.push(await runWholeScan(scan));
      complain(figures.map((figure) => `${figure.case} ${figure.secOf(scans[round]!).toFixed(2)} s`).join(", "));
    }
    const rows = figures.map((figure): Row => ({
      case: figure.case,
      sec: spreadOf(scans.map((scan) => figure.secOf(scan))),
      wantedSec: figure.wantedSec,
      repetitions,
    }));
    printReport({ json, rows, lines: () => linesOf(rows) });
  } finally {
    await directory.remove();
  }
}

const linesOf = (rows: readonly Row[]): string[] =>
  alignedLines([
    ["case", "seconds", "least to most", "wanted"],
    ...rows.map(({ case: name, sec, wantedSec }) => [
      name,
      sec.median.toFixed(2),
      `${sec.least.toFixed(2)} to ${sec.most.toFixed(2)}`,
      wantedSec === null ? "" : `< ${wantedSec}${sec.median < wantedSec ? "" : "  NOT REACHED"}`,
    ]),
  ]);

await runBenchmark({ name: "startup", usage, settingsOf, main });
