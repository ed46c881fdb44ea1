import { mkdtemp, mkdir, rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import { createRunner } from "./create-runner.ts";
import type { RunnerObserver } from "./process/observer.ts";
import { writeRecoFiles } from "./runner/reco-files.ts";
import { noGcdPlaces } from "./gcd/settings.ts";
import type { GcdPlaces } from "./gcd/settings.ts";
import type { RecoFiles } from "./runner/reco-files.ts";
import type { RecoStartup } from "./runner/reco-startup.ts";
import { describeEnd } from "./process/reco-process.ts";
import type { RunnerOptions } from "./process/runner-options.ts";
import type { Runner, RunnerOutcome, RunnerUnit } from "./runner/runner.ts";

export interface RunOneOptions extends Omit<RunnerOptions, keyof RecoFiles | "slot"> {
  readonly startup: RecoStartup;
  /** Where its baseline GCD file is looked for. Default: nowhere. */
  readonly gcd?: GcdPlaces | undefined;
  readonly unit: RunnerUnit;
  readonly signal?: AbortSignal | undefined;
}

/**
 * One unit at one reco, as a client would run it, for `skyscan recos run`; the observer sees everything.
 * @throws RecoError when the reco cannot be started.
 */
export async function runOne(options: RunOneOptions): Promise<RunnerOutcome> {
  await mkdir(resolve(options.scratchDir), { recursive: true });
  const directory = await mkdtemp(join(resolve(options.scratchDir), "startup-"));
  let runner: Runner | undefined;
  try {
    const files = await writeRecoFiles({ ...options, gcd: options.gcd ?? noGcdPlaces, directory });
    runner = createRunner({ ...options, ...files, slot: 0 });
    return await runner.run(options.unit, options.signal ?? new AbortController().signal);
  } finally {
    await runner?.close();
    await rm(directory, { recursive: true, force: true });
  }
}

/** Shows everything that goes between engine and reco, one line each; `>` to the reco, `<` from it, `|` its stderr. */
export function showingObserver(print: (line: string) => void): RunnerObserver {
  const each = (mark: string, text: string): void => {
    for (const line of text.replace(/\n$/, "").split("\n")) print(`${mark} ${line}`);
  };
  return {
    started({ argv, pid, cwd }) {
      print(`$ ${argv.map((item) => (/^[\w@%+=:,./{}-]+$/.test(item) ? item : JSON.stringify(item))).join(" ")}`);
      print(`  process ${pid} in ${cwd}`);
    },
    sent: (line) => each(">", line),
    received: (line) => each("<", line),
    stderr: (chunk) => each("|", chunk.toString("utf8")),
    ended: (end) => print(`  ${describeEnd(end)}`),
  };
}
