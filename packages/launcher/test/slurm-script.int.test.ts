// Runs the job script as Slurm does, without Slurm; a script stands in for Apptainer.
import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { batchSystem } from "@skyscan/launcher";
import type { FleetRequest } from "@skyscan/launcher";
import { fleetRequest } from "./fleet-request.ts";

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "skyscan-test-"));
  await mkdir(join(directory, "bin"));
  await mkdir(join(directory, "scratch"));
  const standIn = `#!/bin/sh\nprintf '%s\\n' "$@" >"${directory}/words"\nenv >"${directory}/variables"\nexit \${STATUS:-0}\n`;
  await writeFile(join(directory, "bin/apptainer"), standIn, { mode: 0o755 });
});
afterAll(() => rm(directory, { recursive: true }));

async function run(
  different: Partial<FleetRequest>,
  env: Readonly<Record<string, string>> = {},
): Promise<readonly [number, string]> {
  const script = join(directory, "clients.sbatch");
  await writeFile(script, batchSystem("slurm").write(fleetRequest({ directory, ...different })).main.text);
  const slurms = { SLURMD_NODENAME: "n1", SLURM_ARRAY_JOB_ID: "7", SLURM_ARRAY_TASK_ID: "1", TMPDIR: join(directory, "scratch") };
  const PATH = `${join(directory, "bin")}:/usr/bin:/bin`;
  return new Promise((resolve) => {
    execFile("bash", [script], { env: { ...slurms, PATH, ...env } }, (error, _, stderr) =>
      resolve([Number(error?.code ?? 0), stderr]),
    );
  });
}

test("in an image the client gets its words, its directories and its variables, and no others; its scratch goes with it", async () => {
  const [status, stderr] = await run(
    {
      image: "/images/a b.sif",
      program: { kind: "directory", path: "/opt/sky scan" },
      environment: { NAME: "it's $HOME" },
      environmentFiles: { SKYSCAN_BROKER_AUTH_FILE: "/home/ana/token" },
    },
    { SKYSCAN_BROKER_AUTH: "of a login shell" },
  );
  expect([status, stderr]).toEqual([0, "skyscan: n1: client ended with status 0\n"]);
  const words = (await readFile(join(directory, "words"), "utf8")).split("\n");
  const scratch = words[words.indexOf("--bind") + 1]!;
  expect(scratch).toMatch(new RegExp(`^${directory}/scratch/skyscan-`));
  expect(words).toEqual([
    ...["exec", "--cleanenv", "--pwd", directory, "--bind", scratch, "--bind", `${directory}:${directory}`],
    ...[
      "--bind",
      "/opt/sky scan:/opt/sky scan:ro",
      "--bind",
      "/home/ana:/home/ana:ro",
      "--bind",
      "/home/ana/token:/home/ana/token:ro",
    ],
    ...["/images/a b.sif", "/opt/sky scan/bin/skyscan"],
    ...["client", "--client-startup-json", "/home/ana/client-startup.json", "--slots", "1", ""],
  ]);
  const variables = (await readFile(join(directory, "variables"), "utf8")).split("\n");
  for (const prefix of ["APPTAINERENV_", "SINGULARITYENV_"])
    expect(variables.filter((line) => line.startsWith(prefix)).sort()).toEqual([
      `${prefix}NAME=it's $HOME`,
      `${prefix}SKYSCAN_BROKER_AUTH_FILE=/home/ana/token`,
      `${prefix}TMPDIR=${scratch}`,
    ]);
  expect(String(variables)).not.toContain("of a login shell");
  expect(await readdir(join(directory, "scratch"))).toEqual([]);
});

test("a node without room, or without Apptainer, is no good", async () => {
  const absent = { program: { kind: "tarball", path: join(directory, "absent.tar.gz") } } as const;
  expect(await run(absent)).toEqual([6, expect.stringContaining("client ended with status 6")]);
  const image = { image: "/i.sif", program: { kind: "directory", path: "/opt" } } as const;
  expect(await run(image, { PATH: "/usr/bin:/bin" })).toEqual([7, expect.stringContaining("there is no apptainer here")]);
  expect(await readdir(join(directory, "scratch"))).toEqual([]);
});
