// npm run bench:resume -- [--results LIST] [--json]
// How long a server that starts again takes until clients may come, and until it sends units again: docs/performance.md
import { mkdir, rm, stat } from "node:fs/promises";
import { runBenchmark } from "./command.ts";
import { memoryMb, startBenchServer } from "./bench-server.ts";
import type { BenchServerOptions } from "./bench-server.ts";
import { readCaseList } from "./case-list.ts";
import type { CaseList } from "./case-list.ts";
import { journalIn } from "./journal-growth.ts";
import { withNoopScan } from "./noop-scan.ts";
import { alignedLines, printReport, shown } from "./report.ts";
import { appendResults } from "./resume/write-journal.ts";
import { waitForStartup } from "./wait-for-startup.ts";

const usage = `npm run bench:resume -- [options]

  --results LIST       comma list: results in the journal (default 0,10000,100000,1000000,3000000)
  --json               one JSON object on stdout

Needs a C++ compiler and the built packages.
Exit status: 0 measured; 1 it failed; 2 wrong usage.
`;

interface Row {
  readonly case: string;
  readonly results: number;
  readonly journalMb: number;
  /** From the command to the startup file: clients may come, replies are read. */
  readonly readySec: number;
  /** The same without what a server with an empty journal takes. */
  readonly replaySec: number | null;
  readonly rssMb: number;
}

/** The smallest sky that has room for more. */
function nsideFor(results: number): number {
  let nside = 32;
  while (12 * nside ** 2 <= results) nside *= 2;
  return nside;
}

async function measure(options: BenchServerOptions, results: number): Promise<Omit<Row, "replaySec">> {
  await mkdir(options.directory);
  // The first start makes the journal with its plan.
  const first = startBenchServer(options);
  await Promise.race([waitForStartup(first.startup), first.output]);
  const journal = await journalIn(first.cache);
  await first.stop();
  await appendResults(journal, options.nside, results);
  await rm(first.startup);

  const startedMs = performance.now();
  const second = startBenchServer(options);
  try {
    await Promise.race([waitForStartup(second.startup), second.output]);
    const readySec = (performance.now() - startedMs) / 1000;
    const journalMb = (await stat(journal)).size / 2 ** 20;
    return { case: `${results} results`, results, journalMb, readySec, rssMb: memoryMb(second.pid).now };
  } finally {
    await second.kill();
  }
}

const settingsOf = (words: string[]): CaseList | undefined =>
  readCaseList(words, {
    name: "results",
    standard: "0,10000,100000,1000000,3000000",
    isAllowed: (text) => /^\d{1,7}$/.test(text),
    allowed: "whole numbers up to 9999999",
  });

async function main({ cases, json }: CaseList): Promise<void> {
  await withNoopScan(async ({ directory, eventFile, recoPath }) => {
    const rows: Row[] = [];
    for (const results of cases) {
      const scan = { directory: `${directory}/results-${results}`, eventFile, recoPath, nside: nsideFor(results) };
      const measured = await measure(scan, results);
      const empty = rows.find((row) => row.results === 0)?.readySec;
      rows.push({ ...measured, replaySec: empty === undefined ? null : measured.readySec - empty });
      process.stderr.write(`${results} results: ${measured.readySec.toFixed(2)} s\n`);
    }
    printReport({ json, rows, lines: () => linesOf(rows) });
  });
}

const linesOf = (rows: readonly Row[]): string[] =>
  alignedLines([
    ["case", "journal MB", "ready after s", "of that replay s", "RSS MB"],
    ...rows.map(({ case: name, journalMb, readySec, replaySec, rssMb }) => [
      name,
      shown(journalMb),
      readySec.toFixed(2),
      replaySec === null ? "" : replaySec.toFixed(2),
      shown(Math.round(rssMb)),
    ]),
  ]);

await runBenchmark({ name: "resume", usage, settingsOf, main });
