import { execFile, spawn } from "node:child_process";
import type { ChildProcess, StdioOptions } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { chmod, chown, mkdir, mkdtemp, open, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { promisify } from "node:util";
import { skipReason } from "./data.ts";
import { lastingPorts } from "./ports.ts";
import { createProcessFamily } from "./process-family.ts";

const run = promisify(execFile);
const programs = ["/usr/sbin/munged", "/usr/sbin/slurmctld", "/usr/sbin/slurmd", "/usr/bin/sbatch"];

const lack = (): string | undefined => {
  if (!programs.every(existsSync))
    return "there is no Slurm here (Debian: apt-get install -y --no-install-recommends slurm-wlm munge)";
  return process.getuid?.() === 0 ? undefined : "only root can run a node of Slurm here";
};

/** Undefined when a Slurm cluster can be started here (Debian's `slurm-wlm` and `munge`), else why tests over it are skipped. */
export const slurmMissing: string | undefined = skipReason("slurm", lack());

/** What the nodes are called. Both are this machine. */
const nodes = ["one", "two"];

/** A real Slurm cluster of this test alone: nodes `one` and `two`, each with 8 processors, it believes. Nothing keeps accounts: `sacct` knows nothing. */
export interface Slurm {
  /** All that it keeps: configuration, jobs' scripts and environments, logs. */
  readonly directory: string;
  /** Makes Slurm's commands speak to it. */
  readonly env: Readonly<Record<string, string>>;
  /** Runs one of Slurm's commands to its end and returns what it printed. */
  command(name: string, ...args: readonly string[]): Promise<string>;
  /** What controller and node wrote to their logs so far. */
  log(): Promise<string>;
  /** Ends it with all its jobs, and removes its data. */
  stop(): Promise<void>;
}

const ended = (child: ChildProcess): Promise<void> =>
  child.exitCode !== null || child.signalCode !== null
    ? Promise.resolve()
    : new Promise((resolve) => void child.once("exit", () => resolve()));

function killIfThere(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It has ended by itself.
  }
}

/** Resolves when `look` says so; rejects when `child` ends first or a minute has passed. */
async function comesUp(
  name: string,
  child: ChildProcess,
  look: () => Promise<boolean>,
  log: () => Promise<string>,
): Promise<void> {
  const deadline = performance.now() + 60_000;
  while (child.exitCode === null && child.signalCode === null && performance.now() < deadline) {
    if (await look()) return;
    await wait(50);
  }
  throw new Error(`${name} does not come up.\n${await log()}`);
}

const configuration = (home: string, controllerPort: number, nodePorts: readonly number[]): string => `ClusterName=skyscan
SlurmctldHost=localhost(127.0.0.1)
SlurmctldPort=${controllerPort}
CommunicationParameters=NoInAddrAny,NoCtldInAddrAny
SlurmUser=root
AuthType=auth/munge
CredType=cred/munge
AuthInfo=socket=${home}/munge/socket
StateSaveLocation=${home}/state
SlurmdSpoolDir=${home}/spool-%n
SlurmctldPidFile=${home}/slurmctld.pid
SlurmdPidFile=${home}/slurmd-%n.pid
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
MpiDefault=none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
SlurmdParameters=config_overrides
ReturnToService=2
KillWait=15
${nodes.map((node, index) => `NodeName=${node} NodeAddr=127.0.0.1 Port=${nodePorts[index]} CPUs=8 RealMemory=64000 State=UNKNOWN`).join("\n")}
PartitionName=main Nodes=${nodes.join(",")} Default=YES MaxTime=INFINITE State=UP
`;

/** Starts Debian's Slurm on free loopback ports in a temporary directory: munged, slurmctld and a slurmd per node. Boots in a second. */
export async function startSlurm(): Promise<Slurm> {
  const home = await mkdtemp(join(tmpdir(), "skyscan-slurm-"));
  // munged wants its own directory, and everybody has to reach the socket in it.
  await chmod(home, 0o755);
  const [controllerPort, ...nodePorts] = (await lastingPorts(1 + nodes.length)) as [number, ...number[]];
  const munge = join(home, "munge");
  const [uid, gid] = await Promise.all(["-u", "-g"].map(async (flag) => Number((await run("id", [flag, "munge"])).stdout)));
  for (const name of ["munge", "state"]) await mkdir(join(home, name), { mode: 0o755 });
  await writeFile(join(munge, "key"), randomBytes(128), { mode: 0o400 });
  for (const path of [munge, join(munge, "key")]) await chown(path, uid!, gid!);
  const slurmConf = join(home, "slurm.conf");
  await writeFile(slurmConf, configuration(home, controllerPort, nodePorts));

  const env = { SLURM_CONF: slurmConf };
  const command = async (name: string, ...args: readonly string[]): Promise<string> =>
    (await run(name, args, { env: { ...process.env, ...env } })).stdout;
  const succeeds = (name: string, ...args: readonly string[]): Promise<boolean> =>
    command(name, ...args).then(
      () => true,
      () => false,
    );
  const logFile = join(home, "log");
  const log = (): Promise<string> => readFile(logFile, "utf8").catch(() => "");
  const output = await open(logFile, "a");
  const stdio: StdioOptions = ["ignore", output.fd, output.fd];

  const daemons: ChildProcess[] = [];
  async function stop(): Promise<void> {
    await command("scancel", "--user=root").catch(() => undefined);
    // A job's end takes a moment; a job that does not want to end gets no longer.
    const deadline = performance.now() + 20_000;
    while (performance.now() < deadline && (await command("squeue", "--noheader").catch(() => "")) !== "") await wait(100);
    for (const daemon of daemons.reverse()) {
      daemon.kill("SIGKILL");
      await ended(daemon);
    }
    for (const line of await createProcessFamily().alive(`SLURM_CONF=${slurmConf}\0`)) killIfThere(Number.parseInt(line, 10));
    await rm(home, { recursive: true, force: true, maxRetries: 5 });
  }
  async function start(
    name: string,
    args: readonly string[],
    look: () => Promise<boolean>,
    more: Parameters<typeof spawn>[2] = {},
  ): Promise<void> {
    const daemon = spawn(name, args, { stdio, env: { PATH: process.env["PATH"], ...env }, cwd: home, ...more });
    daemons.push(daemon);
    await comesUp(name, daemon, look, log);
  }

  try {
    const mungeFiles = Object.entries({
      socket: "socket",
      "key-file": "key",
      "pid-file": "pid",
      "log-file": "log",
      "seed-file": "seed",
    });
    await start(
      "/usr/sbin/munged",
      ["--foreground", "--num-threads=2", ...mungeFiles.map(([flag, name]) => `--${flag}=${join(munge, name)}`)],
      () => succeeds("munge", "--no-input", `--socket=${join(munge, "socket")}`),
      { uid: uid!, gid: gid!, env: { PATH: process.env["PATH"] } },
    );
    await start("/usr/sbin/slurmctld", ["-D"], () => succeeds("scontrol", "ping"));
    for (const node of nodes) {
      const isIdle = async (): Promise<boolean> =>
        (await command("sinfo", "--noheader", `--nodes=${node}`, "--format=%T")).trim() === "idle";
      await start("/usr/sbin/slurmd", ["-D", "-N", node], isIdle);
    }
  } catch (error) {
    await stop();
    throw error;
  } finally {
    await output.close();
  }
  return { directory: home, env, command, log, stop };
}
