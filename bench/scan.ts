// npm run bench:scan -- [--event FILE] [--reco NAME] [--nsides LIST] [--clients N] [--repetitions R] [--json]
// A whole scan of a real event on this machine: how much of the processors' time goes into the fits. docs/performance.md
import { existsSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { dataPath, temporaryDirectory } from "@skyscan/testing";
import { complain, runBenchmark, wholeNumber } from "./command.ts";
import { alignedLines, printReport, spreadOf } from "./report.ts";
import type { Spread } from "./report.ts";
import type { ProcessorTime } from "./whole-scan/processor-time.ts";
import { runWholeScan } from "./whole-scan/run.ts";
import type { WholeScan } from "./whole-scan/run.ts";

const bronze = "events/run00136662-evt000035405932-BRONZE.pkl";

const usage = `npm run bench:scan -- [options]

  --event FILE         event file (default: ${bronze} of SKYSCAN_TEST_DATA)
  --reco NAME          (default pandel)
  --nsides LIST        comma list, the progression (default 8:0,64:12,512:24)
  --clients N          local clients (default: cores)
  --repetitions R      scans, one after the other (default 3)
  --json               one JSON object on stdout

skyscan scan with the embedded broker. Linux only; needs the built packages and recos.
Exit status: 0 measured; 1 a scan failed; 2 wrong usage. What is not reached is marked, it is no failure: machines differ.
`;

/** Of the processor time between first plan and last reply, in the processes of recos. */
const wantedShare = 0.9;

interface Row {
  readonly case: string;
  readonly fits: number;
  readonly clients: number;
  readonly wallSec: Spread;
  /** Between first plan and last reply. */
  readonly scanningSec: Spread;
  readonly recoShare: Spread;
  readonly atLeast: number;
  /** From the command to the end of the last process, maps and pictures included. */
  readonly recoShareOfRun: Spread;
  /** Processor seconds of the repetition in the middle. */
  readonly scanning: ProcessorTime;
  readonly wholeRun: ProcessorTime;
  readonly repetitions: number;
}

interface Settings {
  readonly event: string;
  readonly reco: string;
  readonly nsides: readonly string[];
  readonly clients: number;
  readonly repetitions: number;
  readonly json: boolean;
}

/** Undefined when help was asked for. @throws Error that names the option, the value and what is allowed */
function settingsOf(words: string[]): Settings | undefined {
  const { values } = parseArgs({
    args: words,
    options: {
      event: { type: "string" },
      reco: { type: "string", default: "pandel" },
      nsides: { type: "string", default: "8:0,64:12,512:24" },
      clients: { type: "string", default: String(availableParallelism()) },
      repetitions: { type: "string", default: "3" },
      json: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) return undefined;
  const event = values.event === undefined ? dataPath(bronze) : resolve(values.event);
  if (!existsSync(event)) throw new Error(`there is no ${event}: give --event FILE, or SKYSCAN_TEST_DATA for the real event`);
  return {
    event,
    reco: values.reco,
    nsides: values.nsides.split(","),
    clients: wholeNumber("clients", values.clients, 1),
    repetitions: wholeNumber("repetitions", values.repetitions, 1),
    json: values.json,
  };
}

const recoShare = (time: ProcessorTime): number => time.reco / (time.server + time.client + time.reco + time.export);

function rowOf(settings: Settings, scans: readonly WholeScan[]): Row {
  const middle = [...scans].sort((a, b) => recoShare(a.scanning) - recoShare(b.scanning))[scans.length >> 1]!;
  const spread = (of: (scan: WholeScan) => number): Spread => spreadOf(scans.map(of));
  return {
    case: `${settings.reco} ${settings.nsides.join(" ")}`,
    fits: middle.fits,
    clients: settings.clients,
    wallSec: spread(({ goneSec }) => goneSec),
    scanningSec: spread(({ plannedSec, lastReplySec }) => lastReplySec - plannedSec),
    recoShare: spread(({ scanning }) => recoShare(scanning)),
    atLeast: wantedShare,
    recoShareOfRun: spread(({ wholeRun }) => recoShare(wholeRun)),
    scanning: middle.scanning,
    wholeRun: middle.wholeRun,
    repetitions: scans.length,
  };
}

function linesOf(row: Row): string[] {
  const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
  const roles = (time: ProcessorTime): string[] =>
    [time.reco, time.client, time.server, time.export].map((sec) => sec.toFixed(2));
  const range = ({ least, most }: Spread, show: (value: number) => string): string => `${show(least)} to ${show(most)}`;
  const seconds = (value: number): string => `${value.toFixed(2)} s`;
  const missed = row.recoShare.median < row.atLeast ? "  NOT REACHED" : "";
  return [
    `${row.case}: ${row.fits} fits, ${row.clients} clients`,
    ...alignedLines([
      ["", "seconds", "least to most", "in recos", "least to most", "wanted", "reco s", "client s", "server s", "export s"],
      [
        "first plan to last reply",
        seconds(row.scanningSec.median),
        range(row.scanningSec, seconds),
        percent(row.recoShare.median),
        range(row.recoShare, percent),
        `${percent(row.atLeast)}${missed}`,
        ...roles(row.scanning),
      ],
      [
        "whole run",
        seconds(row.wallSec.median),
        range(row.wallSec, seconds),
        percent(row.recoShareOfRun.median),
        range(row.recoShareOfRun, percent),
        "",
        ...roles(row.wholeRun),
      ],
    ]),
  ];
}

async function main(settings: Settings): Promise<void> {
  const directory = await temporaryDirectory();
  try {
    const scans: WholeScan[] = [];
    for (let round = 0; round < settings.repetitions; round += 1) {
      const { event: eventFile, reco, nsides, clients } = settings;
      const scan = await runWholeScan({ directory: join(directory.path, `scan-${round}`), eventFile, reco, nsides, clients });
      scans.push(scan);
      complain(`${scan.goneSec.toFixed(2)} s, ${(100 * recoShare(scan.scanning)).toFixed(1)} % in recos`);
    }
    const row = rowOf(settings, scans);
    printReport({ json: settings.json, rows: [row], lines: () => linesOf(row) });
  } finally {
    await directory.remove();
  }
}

await runBenchmark({ name: "scan", usage, settingsOf, main });
