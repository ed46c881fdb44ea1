// npm run bench:healpix -- [--nsides LIST] [--inputs N] [--repetitions R] [--json]
// Scalar calls of our pixelisation against healpy's vectorised ones, over the same numbers: docs/performance.md
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { createRandom } from "@skyscan/simulation";
import { temporaryDirectory } from "@skyscan/testing";
import { complain, runBenchmark, wholeNumber } from "./command.ts";
import { startHealpy } from "./healpix/healpy.ts";
import type { Healpy, Timed } from "./healpix/healpy.ts";
import { operations } from "./healpix/operations.ts";
import type { Inputs, Operation } from "./healpix/operations.ts";
import { alignedLines, printReport, spreadOf } from "./report.ts";
import type { Spread } from "./report.ts";

const usage = `npm run bench:healpix -- [options]

  --nsides LIST        comma list, powers of two (default 8,512,8192)
  --inputs N           random directions and pixels of one measurement (default 1000000)
  --repetitions R      rounds, each with every operation on both sides (default 5)
  --json               one JSON object on stdout

Needs a Python with healpy: the one that npm run test:all makes, or SKYSCAN_TEST_PYTHON, or python3; and the built packages.
Exit status: 0 measured; 1 it failed, or the two sides do not agree; 2 wrong usage. What is not reached is marked, it is no failure: machines differ.
`;

// Plain JavaScript, since it runs before anything is installed.
const { servicesAlreadyHere } = (await import(new URL("../scripts/test-services.mjs", import.meta.url).href)) as {
  readonly servicesAlreadyHere: () => Promise<Readonly<Record<string, string>>>;
};

/** What must be as fast as healpy. */
const wanted = { nside: 512, operations: ["ang2pix", "pix2ang", "neighbours", "disc"], ofHealpy: 1 };
/** Of the discs, in widths of a pixel: about 80 pixels. */
const radiusPixels = 5;

interface Row {
  readonly case: string;
  readonly nside: number;
  readonly healpyVersion: string;
  /** Million operations per second of processor time. */
  readonly ours: Spread;
  readonly healpy: Spread;
  /** Ours by healpy's, of each repetition. */
  readonly ofHealpy: Spread;
  readonly atLeast: number | null;
}

interface Settings {
  readonly nsides: readonly number[];
  readonly inputs: number;
  readonly repetitions: number;
  readonly json: boolean;
}

/** Undefined when help was asked for. @throws Error that names the option, the value and what is allowed */
function settingsOf(words: string[]): Settings | undefined {
  const { values } = parseArgs({
    args: words,
    options: {
      nsides: { type: "string", default: "8,512,8192" },
      inputs: { type: "string", default: "1000000" },
      repetitions: { type: "string", default: "5" },
      json: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) return undefined;
  const nsides = values.nsides.split(",").map((text) => {
    const nside = Number(text);
    if (!(nside >= 1 && nside <= 8192 && Number.isInteger(Math.log2(nside))))
      throw new Error(`--nsides ${text} is not allowed: it takes powers of two from 1 to 8192`);
    return nside;
  });
  const inputs = wholeNumber("inputs", values.inputs, 100);
  return { nsides, inputs, repetitions: wholeNumber("repetitions", values.repetitions, 1), json: values.json };
}

interface Numbers {
  readonly thetaRad: Float64Array;
  readonly phiRad: Float64Array;
  /** In [0, 1), of the pixels. */
  readonly share: Float64Array;
}

/** Directions and pixels over the whole sky. */
function drawn(count: number): Numbers {
  const random = createRandom(1);
  const uniform = (): number => random.uniform();
  return {
    thetaRad: Float64Array.from({ length: count }, () => Math.acos(1 - 2 * uniform())),
    phiRad: Float64Array.from({ length: count }, () => 2 * Math.PI * uniform()),
    share: Float64Array.from({ length: count }, uniform),
  };
}

const inputsOf = ({ thetaRad, phiRad, share }: Numbers, nside: number, count: number): Inputs => ({
  thetaRad: thetaRad.subarray(0, count),
  phiRad: phiRad.subarray(0, count),
  pixels: Int32Array.from(share.subarray(0, count), (part) => Math.floor(part * (12 * nside * nside))),
  radiusRad: Math.min(1, (radiusPixels * Math.sqrt(Math.PI / 3)) / nside),
});

function ours(operation: Operation, nside: number, inputs: Inputs): Timed {
  const before = process.cpuUsage();
  const sum = operation.run(nside, inputs);
  const { user, system } = process.cpuUsage(before);
  return { cpuSec: (user + system) / 1e6, sum };
}

async function measure(settings: Settings, numbers: Numbers, healpy: Healpy): Promise<Row[]> {
  const cases = settings.nsides.flatMap((nside) => operations.map((operation) => ({ nside, operation })));
  const rates = cases.map((): { ours: number[]; healpy: number[] } => ({ ours: [], healpy: [] }));
  // The first round compiles and warms up; it does not count.
  for (let round = 0; round <= settings.repetitions; round += 1) {
    for (const [k, { nside, operation }] of cases.entries()) {
      const count = Math.ceil(settings.inputs / operation.oneOf);
      const inputs = inputsOf(numbers, nside, count);
      const mine = ours(operation, nside, inputs);
      const theirs = await healpy.run(operation.name, nside, count, inputs.radiusRad);
      if (!(Math.abs(mine.sum - theirs.sum) <= 1e-9 * Math.abs(theirs.sum)))
        throw new Error(`${operation.name} at nside ${nside}: the answers add up to ${mine.sum}, healpy's to ${theirs.sum}`);
      if (round === 0) continue;
      rates[k]!.ours.push(count / mine.cpuSec / 1e6);
      rates[k]!.healpy.push(count / theirs.cpuSec / 1e6);
    }
    complain(round === 0 ? "warmed up" : `round ${round} of ${settings.repetitions}`);
  }
  return cases.map(({ nside, operation: { name } }, k) => ({
    case: name,
    nside,
    healpyVersion: healpy.version,
    ours: spreadOf(rates[k]!.ours),
    healpy: spreadOf(rates[k]!.healpy),
    ofHealpy: spreadOf(rates[k]!.ours.map((rate, round) => rate / rates[k]!.healpy[round]!)),
    atLeast: nside === wanted.nside && wanted.operations.includes(name) ? wanted.ofHealpy : null,
  }));
}

const linesOf = (rows: readonly Row[]): string[] =>
  alignedLines([
    ["operation", "nside", "ours M/s", "healpy M/s", "of healpy", "least to most", "wanted"],
    ...rows.map(({ case: name, nside, ours: mine, healpy, ofHealpy, atLeast }) => [
      name,
      String(nside),
      mine.median.toPrecision(3),
      healpy.median.toPrecision(3),
      ofHealpy.median.toFixed(2),
      `${ofHealpy.least.toFixed(2)} to ${ofHealpy.most.toFixed(2)}`,
      atLeast === null ? "" : `${atLeast.toFixed(2)}${ofHealpy.median < atLeast ? "  NOT REACHED" : ""}`,
    ]),
  ]);

async function main(settings: Settings): Promise<void> {
  const directory = await temporaryDirectory();
  try {
    const numbers = drawn(settings.inputs);
    const files = await Promise.all(
      [numbers.thetaRad, numbers.phiRad, numbers.share].map(async (values, k) => {
        const path = join(directory.path, String(k));
        await writeFile(path, values);
        return path;
      }),
    );
    const { SKYSCAN_TEST_PYTHON: python } = await servicesAlreadyHere();
    const healpy = await startHealpy(python ?? "python3", files);
    try {
      const rows = await measure(settings, numbers, healpy);
      printReport({ json: settings.json, rows, lines: () => [`healpy ${healpy.version}`, ...linesOf(rows)] });
    } finally {
      await healpy.stop();
    }
  } finally {
    await directory.remove();
  }
}

await runBenchmark({ name: "healpix", usage, settingsOf, main });
