/** Says how a measurement goes on, beside its report. */
export const complain = (text: string): void => void process.stderr.write(`${text}\n`);

/** A whole number on the command line, from `least` to a thousand million. @throws Error that names the option, the value and what is allowed */
export function wholeNumber(option: string, text: string, least: number): number {
  if (!/^\d{1,9}$/.test(text) || Number(text) < least)
    throw new Error(`--${option} ${text} is not allowed: it takes a whole number from ${least}`);
  return Number(text);
}

/** What `npm run bench:NAME` runs. */
export interface Benchmark<Settings> {
  readonly name: string;
  readonly usage: string;
  /** Undefined when help was asked for. @throws Error that names the option, the value and what is allowed */
  readonly settingsOf: (words: string[]) => Settings | undefined;
  /** A number that it resolves with is the exit status. */
  readonly main: (settings: Settings) => Promise<unknown>;
}

/** Exit status: what `main` says, else 0; 1 when it fails; 2 for wrong usage. */
export async function runBenchmark<Settings>({ name, usage, settingsOf, main }: Benchmark<Settings>): Promise<void> {
  let status = 2;
  try {
    const settings = settingsOf(process.argv.slice(2));
    status = 1;
    if (settings === undefined) process.stdout.write(usage);
    const end = settings === undefined ? 0 : await main(settings);
    status = typeof end === "number" ? end : 0;
  } catch (error) {
    complain(`bench:${name}: ${(error as Error).message}`);
  }
  process.exitCode = status;
}
