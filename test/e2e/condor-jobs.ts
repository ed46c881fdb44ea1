import { execFile } from "node:child_process";
import { chmod, chown, mkdir, mkdtemp, readFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect } from "vitest";
import {
  eventually,
  poolHost,
  poolUserId,
  runSkyscan,
  startCondorPool,
  startRabbitmq,
  temporaryDirectory,
} from "@skyscan/testing";
import { createReleases } from "@skyscan/runtime";
import type { CondorPool, PoolCommandEnd, Rabbitmq } from "@skyscan/testing";

/** A pool, a broker, and an unpacked bundle with which the pool's user starts clients. */
export interface CondorStage {
  readonly pool: CondorPool;
  readonly broker: Rabbitmq;
  /** Of the one user that the broker has. */
  readonly password: string;
  /** The broker, without password, as the server and as the pool's machines know it. */
  readonly serverAddress: string;
  readonly poolAddress: string;
  readonly tarball: string;
  /** A new directory that the pool sees, and its user may write to. */
  directory(name: string): Promise<string>;
  /** `skyscan ARGS` by the pool's user, in `directory`. */
  skyscan(directory: string, args: readonly string[], env?: Readonly<Record<string, string>>): Promise<PoolCommandEnd>;
  stop(): Promise<void>;
}

export async function condorStage(): Promise<CondorStage> {
  const home = await temporaryDirectory();
  await chmod(home.path, 0o755);
  // Characters that are written otherwise in addresses, submit files and JSON.
  const password = `s3cr3t/+"ä@: '$(x)`;
  const tarball = join(home.path, "skyscan.tar.gz");
  const bundle = join(home.path, "bundle");
  const releases = createReleases();
  releases.add(() => home.remove());
  try {
    const made = await runSkyscan(["bundle", "--output", tarball]);
    expect(made.status, made.stderr).toBe(0);
    await mkdir(bundle);
    await promisify(execFile)("tar", ["-xzf", tarball, "-C", bundle, "--strip-components=1"]);
    const pool = await startCondorPool({ mounts: [home.path] });
    releases.add(() => pool.stop());
    const broker = await startRabbitmq();
    releases.add(() => broker.stop());
    await broker.addUser("scanner", password);
    await broker.setRights("scanner", "/", { configure: ".*", write: ".*", read: ".*" });
    return {
      pool,
      broker,
      password,
      serverAddress: `amqp://scanner@127.0.0.1:${broker.port}`,
      poolAddress: `amqp://scanner@${poolHost}:${broker.port}`,
      tarball,
      directory: async (name) => {
        const path = await mkdtemp(join(home.path, `${name}-`));
        await chmod(path, 0o755);
        await chown(path, poolUserId, poolUserId);
        return path;
      },
      skyscan: (directory, args, env = {}) =>
        pool.run([join(bundle, "bin/skyscan"), ...args], { cwd: directory, env: { SKYSCAN_LOG: "info", ...env } }),
      stop: () => releases.run(),
    };
  } catch (error) {
    await releases.run();
    throw error;
  }
}

export interface PoolJob {
  readonly ProcId: number;
  readonly JobStatus: number;
  readonly NumJobStarts?: number;
  readonly HoldReason?: string;
  readonly HoldReasonSubCode?: number;
}

/** The jobs of a cluster that are in the queue. */
export async function queueOf({ pool }: CondorStage, cluster: number): Promise<readonly PoolJob[]> {
  const { stdout } = await pool.run(["condor_q", "-json", String(cluster)]);
  return stdout.trim() === "" ? [] : (JSON.parse(stdout) as PoolJob[]);
}

/** Resolves with the first look at the queue in which `found` finds something. */
export const inQueue = (
  stage: CondorStage,
  cluster: number,
  what: string,
  found: (jobs: readonly PoolJob[]) => PoolJob | undefined,
): Promise<PoolJob> => eventually(what, async () => found(await queueOf(stage, cluster)));

/** What a submit file's only job went through by its log: the queue shows the present alone. Events: HTCondor manual, "Job Event Log Codes". */
export async function runsAndHolds(submitFile: string): Promise<readonly string[]> {
  const at = /^initialdir = (.*)$/m.exec(await readFile(submitFile, "utf8"))?.[1] ?? "";
  const log = await readFile(join(at, "client.log"), "utf8");
  return [...log.matchAll(/^(001|012) \(/gm)].map(([, event]) => (event === "001" ? "runs" : "held"));
}

/** Process ids, there, of the clients that run as jobs. */
export async function clientProcesses({ pool }: CondorStage): Promise<readonly string[]> {
  const { stdout } = await pool.run(["pgrep", "-f", "skyscan-bundle/bin/node .*skyscan.js client"]);
  return stdout.split("\n").filter((line) => line !== "");
}

/** All that is known of every process of the pool, and of every job: command lines, environments, job ads. */
export async function visibleInPool({ pool }: CondorStage, cluster: number): Promise<string> {
  const look = async (...argv: readonly string[]): Promise<string> => (await pool.run(argv, { user: "root" })).stdout;
  return (
    (await look("sh", "-c", "cat /proc/[0-9]*/cmdline /proc/[0-9]*/environ | tr '\\0' '\\n'")) +
    (await look("condor_q", "-allusers", "-long", String(cluster))) +
    (await look("condor_history", "-long", String(cluster)))
  );
}

/** Mode and owner of the files that have this name in the running jobs' own directories. */
export async function transferredFiles({ pool }: CondorStage, name: string): Promise<readonly string[]> {
  const jobs = (await pool.run(["condor_config_val", "EXECUTE"])).stdout.trim();
  const { stdout } = await pool.run(["find", jobs, "-name", name, "-printf", "%m %u\\n"], { user: "root" });
  return stdout.split("\n").filter((line) => line !== "");
}

/** The files of a fleet's directory, by name. */
export async function fleetFiles(directory: string): Promise<ReadonlyMap<string, Buffer>> {
  const names = await readdir(directory);
  return new Map(await Promise.all(names.map(async (name) => [name, await readFile(join(directory, name))] as const)));
}
