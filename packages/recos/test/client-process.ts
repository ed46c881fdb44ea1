import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { repositoryPath } from "@skyscan/testing";
import type { Reco } from "../src/manifest/manifest-file.ts";
import type { RunnerOptions } from "../src/process/runner-options.ts";
import type { Bench } from "./fixture-reco.ts";

/** A process of its own that runs one unit, as a client does, with a stray file as its number 40. */
export async function startClient(
  bench: Bench,
  reco: Reco,
  options: Partial<Pick<RunnerOptions, "container" | "startupPath" | "dataHubDirectory">> = {},
  environment: NodeJS.ProcessEnv = process.env,
): Promise<ChildProcess> {
  const script = join(bench.directory, "client.mts");
  const source = JSON.stringify(repositoryPath("packages/recos/src"));
  await writeFile(
    script,
    `const { createRunner } = await import(${source} + "/create-runner.ts");
     const { readManifest } = await import(${source} + "/manifest/manifest-file.ts");
     const { unitOf } = await import(${JSON.stringify(repositoryPath("packages/recos/test/fixture-reco.ts"))});
     const log = () => undefined;
     const runner = createRunner({ reco: readManifest(${JSON.stringify(reco.dir)}), startupPath: "/none", slot: 0,
       scratchDir: ${JSON.stringify(bench.scratchDir)}, logger: { debug: log, info: log, warn: log, error: log }, environment: process.env,
       ...${JSON.stringify(options)} });
     await runner.run(unitOf(1), new AbortController().signal);
     await runner.close();`,
  );
  const stray = openSync("/dev/null", "r");
  const unused = Array.from({ length: 37 }, () => "ignore" as const);
  const client = spawn(process.execPath, ["--import", "tsx", "--conditions=@skyscan/source", script], {
    cwd: repositoryPath(),
    stdio: ["ignore", "inherit", "inherit", ...unused, stray],
    env: environment,
  });
  closeSync(stray);
  return client;
}
