import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { readStartupFile } from "@skyscan/protocol";
import { startChild } from "../children.ts";
import type { Child } from "../children.ts";
import { grownTo, journalIn } from "../journal-growth.ts";
import { noopName } from "../noop-reco.ts";

export interface EngineRun {
  /** Made; of this run alone. */
  readonly directory: string;
  readonly eventFile: string;
  readonly recoPath: string;
  readonly nside: number;
  readonly units: number;
  /** So many of them are over before the clock starts: both programs are warm then. */
  readonly warmUpUnits: number;
  readonly client: "in-process" | "stream";
  readonly env: Readonly<Record<string, string | undefined>>;
}

export interface EngineResult {
  readonly perSec: number;
  readonly scanId: string;
}

/**
 * Units per second of a real server and a real client, a process each. Counted where it counts: a unit is done when its result is in the
 * journal on disk, whose length is looked at from outside every few milliseconds.
 */
export async function runEngine(run: EngineRun): Promise<EngineResult> {
  const { directory, env } = run;
  await mkdir(directory, { recursive: true });
  const startup = join(directory, "startup.json");
  const cache = join(directory, "cache");
  const cli = "packages/cli/bin/skyscan.js";
  const children: Child[] = [];
  try {
    const server = startChild({
      file: cli,
      args: [
        ...["server", "--event-file", run.eventFile, "--reco-algo", noopName, "--reco-path", run.recoPath],
        ...["--nsides", `${run.nside}:0`, "--cache-dir", cache, "--output-dir", join(directory, "out")],
        ...["--client-startup-json", startup, "--log-level", "warn"],
      ],
      env,
    });
    children.push(server);
    const client = startChild(
      run.client === "in-process"
        ? { file: "bench/loop/in-process-client.ts", args: [startup], env }
        : {
            file: cli,
            args: [
              ...["client", "--client-startup-json", startup, "--wait-for-startup-sec", "60"],
              ...["--reco-path", run.recoPath, "--log-level", "warn"],
            ],
            env,
          },
    );
    children.push(client);
    const broken = Promise.race([server.output, client.output]).then((text) => {
      throw new Error(`a process ended before the measurement did: ${text}`);
    });
    const journal = await Promise.race([journalIn(cache), broken]);
    const perSec = await Promise.race([watch(journal, run), broken]);
    return { perSec, scanId: (await readStartupFile(startup))!.scan_id };
  } finally {
    await Promise.all(children.map((child) => child.kill()));
  }
}

async function watch(journal: string, { units, warmUpUnits }: EngineRun): Promise<number> {
  const first = await grownTo(journal, warmUpUnits);
  const last = await grownTo(journal, units);
  return (last.results - first.results) / ((last.atMs - first.atMs) / 1000);
}
