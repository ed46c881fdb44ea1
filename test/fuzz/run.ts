// npm run fuzz -- [--count N] [--seed S] [--target T] [--input I]: does any parser of foreign bytes do anything else than read or refuse?
import { parseArgs } from "node:util";
import { fuzz } from "./campaign.ts";
import type { TargetResult } from "./campaign.ts";
import { targets } from "./targets.ts";

const usage = `npm run fuzz -- [options]

  --count N    inputs, shared evenly by the targets (default 100000)
  --seed S     of all that is drawn (default 1)
  --target T   only this one: ${targets.map(({ name }) => name).join(", ")}
  --input I    only input number I of the target

Exit status: 0; 1 when an input did something else than be read or refused; 2 wrong usage.
`;

const { values } = parseArgs({
  options: {
    count: { type: "string", default: "100000" },
    seed: { type: "string", default: "1" },
    target: { type: "string" },
    input: { type: "string" },
    help: { type: "boolean", default: false },
  },
});

function wholeNumber(name: string, value: string): number {
  if (/^[0-9]{1,9}$/.test(value)) return Number(value);
  throw new Error(`--${name} ${value} is not allowed: it takes a whole number`);
}

const columns = ["target", "inputs", "accepted", "refused", "slowest ms", "peak MB", "failures"] as const;
const line = (cells: readonly (string | number)[]): string =>
  `| ${cells.map((cell, k) => (k === 0 ? String(cell).padEnd(16) : String(cell).padStart(columns[k]!.length))).join(" | ")} |`;
const rowOf = ({ target, tried, accepted, refused, slowestMs, peakMb, failures }: TargetResult): string =>
  line([target, tried, accepted, refused, slowestMs.toFixed(0), peakMb, failures.length]);

async function main(): Promise<number> {
  const chosen = values.target === undefined ? targets : targets.filter(({ name }) => name === values.target);
  if (chosen.length === 0)
    throw new Error(`--target ${values.target} is not allowed: it takes one of ${targets.map(({ name }) => name).join(", ")}`);
  if (values.input !== undefined && values.target === undefined) throw new Error("--input needs --target");
  const seed = wholeNumber("seed", values.seed);
  const each = Math.ceil(wholeNumber("count", values.count) / chosen.length);
  const from = values.input === undefined ? 0 : wholeNumber("input", values.input);
  const to = values.input === undefined ? each : from + 1;
  const say = (text: string): void => void process.stdout.write(`${text}\n`);
  say(line(columns));
  say(line(["---", ...columns.slice(1).map(({ length }) => "-".repeat(length - 1) + ":")]));
  const jobs = chosen.map(({ name }) => ({ target: name, from, to }));
  const results = await fuzz(jobs, seed, (result) => say(rowOf(result)));
  const sum = (count: (result: TargetResult) => number): number => results.reduce((total, result) => total + count(result), 0);
  const most = (value: (result: TargetResult) => number): number => Math.max(...results.map(value));
  const failures = sum((result) => result.failures.length);
  say(
    line([
      "all",
      sum((r) => r.tried),
      sum((r) => r.accepted),
      sum((r) => r.refused),
      most((r) => r.slowestMs).toFixed(0),
      most((r) => r.peakMb),
      failures,
    ]),
  );
  for (const { target, failures: broken } of results) {
    for (const { index, what, path } of broken) {
      say(`\n${target}: ${what}\n  ${path}\n  npm run fuzz -- --seed ${seed} --target ${target} --input ${index}`);
    }
  }
  return failures === 0 ? 0 : 1;
}

if (values.help) process.stdout.write(usage);
else {
  try {
    process.exitCode = await main();
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n\n${usage}`);
    process.exitCode = 2;
  }
}
