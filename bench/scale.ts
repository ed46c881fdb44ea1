// npm run bench:scale -- [--nsides LIST] [--json]
// Does a unit cost the server the same in a large sky as in a small one, and how much memory does a sky take? docs/performance.md
import { runBenchmark } from "./command.ts";
import { cpuSeconds, memoryMb, startBenchServer } from "./bench-server.ts";
import type { BenchServerOptions } from "./bench-server.ts";
import { readCaseList } from "./case-list.ts";
import type { CaseList } from "./case-list.ts";
import { startChild } from "./children.ts";
import { grownTo, journalIn } from "./journal-growth.ts";
import { withNoopScan } from "./noop-scan.ts";
import { alignedLines, printReport, shown } from "./report.ts";
import { waitForStartup } from "./wait-for-startup.ts";

const usage = `npm run bench:scale -- [options]

  --nsides LIST        comma list of whole skies (default 32,128,256,512: 12,288 to 3,145,728 units)
  --json               one JSON object on stdout

Needs a C++ compiler and the built packages. A real server with the embedded broker; every unit is answered at once.
Exit status: 0 measured; 1 it failed; 2 wrong usage.
`;

interface Row {
  readonly case: string;
  readonly units: number;
  /** Processor time of the server from the first reply to the last, microseconds. */
  readonly cpuMicrosecPerUnit: number;
  /** Of the smallest sky's. */
  readonly ofSmallest: number;
  readonly perSec: number;
  /** At the last reply, and the highest up to then. */
  readonly rssMb: number;
  readonly peakRssMb: number;
  readonly allowedMb: number;
}

/** 120 MB and 80 bytes per pixel. */
const allowedMb = (pixels: number): number => 120 + (80 * pixels) / 2 ** 20;

async function measure(options: BenchServerOptions): Promise<Omit<Row, "ofSmallest">> {
  const units = 12 * options.nside ** 2;
  const server = startBenchServer(options);
  let feeder: ReturnType<typeof startChild> | undefined;
  try {
    await Promise.race([waitForStartup(server.startup), server.output]);
    const journal = await journalIn(server.cache);
    feeder = startChild({ file: "bench/scale/feeder-client.ts", args: [server.startup] });
    const broken = Promise.race([server.output, feeder.output]).then((text) => {
      throw new Error(`a process ended before the measurement did: ${text}`);
    });
    const first = await Promise.race([grownTo(journal, units / 10), broken]);
    const before = cpuSeconds(server.pid);
    const last = await Promise.race([grownTo(journal, units), broken]);
    const cpuSec = cpuSeconds(server.pid) - before;
    const { now, peak } = memoryMb(server.pid);
    const counted = last.results - first.results;
    return {
      case: `nside ${options.nside}`,
      units,
      cpuMicrosecPerUnit: (1e6 * cpuSec) / counted,
      perSec: counted / ((last.atMs - first.atMs) / 1000),
      rssMb: now,
      peakRssMb: peak,
      allowedMb: allowedMb(units),
    };
  } finally {
    await Promise.all([server.kill(), feeder?.kill()]);
  }
}

function isNside(text: string): boolean {
  const nside = Number(text);
  return nside >= 4 && nside <= 1024 && Number.isInteger(Math.log2(nside));
}

const settingsOf = (words: string[]): CaseList | undefined =>
  readCaseList(words, {
    name: "nsides",
    standard: "32,128,256,512",
    isAllowed: isNside,
    allowed: "powers of two from 4 to 1024",
  });

async function main({ cases, json }: CaseList): Promise<void> {
  await withNoopScan(async ({ directory, eventFile, recoPath }) => {
    const rows: Row[] = [];
    for (const nside of cases) {
      const measured = await measure({ directory: `${directory}/nside-${nside}`, eventFile, recoPath, nside });
      const smallest = rows[0]?.cpuMicrosecPerUnit ?? measured.cpuMicrosecPerUnit;
      rows.push({ ...measured, ofSmallest: measured.cpuMicrosecPerUnit / smallest });
      process.stderr.write(`nside ${nside}: ${measured.cpuMicrosecPerUnit.toFixed(1)} us per unit\n`);
    }
    printReport({ json, rows, lines: () => linesOf(rows) });
  });
}

const linesOf = (rows: readonly Row[]): string[] =>
  alignedLines([
    ["case", "units", "server us/unit", "of smallest", "units/s", "RSS MB", "peak MB", "allowed MB"],
    ...rows.map((row) => [
      row.case,
      String(row.units),
      shown(row.cpuMicrosecPerUnit),
      row.ofSmallest.toFixed(2),
      String(Math.round(row.perSec)),
      shown(Math.round(row.rssMb)),
      shown(Math.round(row.peakRssMb)),
      shown(Math.round(row.allowedMb)),
    ]),
  ]);

await runBenchmark({ name: "scale", usage, settingsOf, main });
