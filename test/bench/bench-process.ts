import { spawnSync } from "node:child_process";
import { repositoryPath } from "@skyscan/testing";

/** Runs `npm run bench:NAME -- ARGS --json` to its end and returns what it printed. @throws Error when it fails or prints no JSON */
export function runBenchmark(
  name: string,
  ...args: readonly string[]
): { readonly cores: number; readonly rows: readonly Readonly<Record<string, unknown>>[] } {
  const command = ["--import", "tsx", repositoryPath(`bench/${name}.ts`), ...args, "--json"];
  const { status, stdout, stderr } = spawnSync(process.execPath, command, {
    encoding: "utf8",
    cwd: repositoryPath(),
    env: { ...process.env, NODE_OPTIONS: undefined },
  });
  if (status !== 0) throw new Error(`bench:${name} ended with ${String(status)}:\n${stderr}`);
  const { machine, rows } = JSON.parse(stdout) as { machine: { cores: number }; rows: Record<string, unknown>[] };
  return { cores: machine.cores, rows };
}
