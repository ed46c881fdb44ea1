// Starts a real Slurm cluster of two nodes, which are this machine, and a real RabbitMQ node.
import { randomBytes } from "node:crypto";
import { mkdir, readFile, readdir, stat, writeFile } from "node:fs/promises";
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  eventually,
  rabbitmqMissing,
  repositoryPath,
  runSkyscan,
  slurmMissing,
  startRabbitmq,
  startSlurm,
} from "@skyscan/testing";
import type { Rabbitmq, Slurm } from "@skyscan/testing";
import { dummyScans, fitsTake } from "./dummy-scans.ts";
import type { Scanning } from "./scanning.ts";
import { expectWithout } from "./secret-shapes.ts";

const fresh = dummyScans();
const missing = slurmMissing ?? rabbitmqMissing;
/** Characters that are written otherwise in addresses, scripts and JSON. */
const password = `${randomBytes(12).toString("hex")}/+"ä@: '$(x)`;

interface Client {
  readonly name: string;
  readonly state: string;
  readonly host?: string;
  readonly why?: string;
  readonly exitStatus?: number;
  readonly starts?: number;
}

/** A stand-in for an unpacked bundle: a script in its place. */
async function standInBundle(directory: string, script: readonly string[]): Promise<string> {
  await mkdir(join(directory, "bin"), { recursive: true });
  await writeFile(join(directory, "bin/skyscan"), `#!/bin/sh\n${script.join("\n")}\n`, { mode: 0o755 });
  return directory;
}

/** A stand-in for the bundle's tarball: this checkout's program is run, by this Node. */
async function standInTarball(directory: string): Promise<string> {
  const words = [process.execPath, repositoryPath("packages/cli/bin/skyscan.js")].map((word) => `'${word}'`);
  await standInBundle(join(directory, "skyscan-0"), [`exec ${words.join(" ")} "$@"`]);
  const tarball = join(directory, "skyscan.tar.gz");
  await promisify(execFile)("tar", ["-czf", tarball, "-C", directory, "skyscan-0"]);
  return tarball;
}

/** Every file below a directory. */
async function filesBelow(directory: string): Promise<readonly string[]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name));
}

/** The processes of all jobs of Slurm's: command lines and environments. */
async function jobProcesses(slurm: Slurm): Promise<readonly string[]> {
  const found: string[] = [];
  for (const name of (await readdir("/proc")).filter((one) => /^\d+$/.test(one))) {
    const environment = await readFile(`/proc/${name}/environ`, "utf8").catch(() => "");
    if (!environment.includes(`SLURM_CONF=${slurm.env["SLURM_CONF"]!}\0`) || !environment.includes("SLURM_ARRAY_TASK_ID="))
      continue;
    found.push((await readFile(`/proc/${name}/cmdline`, "utf8").catch(() => "")) + environment);
  }
  return found;
}

describe.skipIf(missing !== undefined)("clients as jobs of Slurm", () => {
  let slurm: Slurm;
  let broker: Rabbitmq;
  beforeAll(async () => {
    [slurm, broker] = await Promise.all([startSlurm(), startRabbitmq()]);
    await broker.addUser("scanner", password);
    await broker.setRights("scanner", "/", { configure: ".*", write: ".*", read: ".*" });
  });
  afterAll(async () => {
    await slurm.stop();
    await broker.stop();
  });

  /** Another name of the loopback: clients that are elsewhere cannot have a broker on the loopback, but elsewhere is here. */
  const address = (): string => `amqp://scanner@0.0.0.0:${broker.port}`;

  const freshScan = (): Promise<Scanning> =>
    fresh({ env: { ...slurm.env, SKYSCAN_BROKER_ADDRESS: address(), SKYSCAN_BROKER_AUTH: password } });

  async function startClients(
    scan: Scanning,
    jobs: number,
    bundle: string,
  ): Promise<{ readonly job: string; readonly logs: string }> {
    const flags = ["--on", "slurm", "--jobs", String(jobs), "--memory", "500MB", "--bundle", bundle];
    const files = ["--client-startup-json", scan.startup, "--logs-directory", join(scan.directory, "my logs")];
    const { status, stdout, stderr } = await runSkyscan(["start-clients", ...flags, ...files], { env: scan.env });
    expect([status, stderr]).toEqual([0, expect.stringContaining("start-clients status")]);
    const job = /array job (\d+)/.exec(stdout)?.[1];
    const logs = /start-clients stop (.*)$/m.exec(stderr)?.[1];
    return { job: job!, logs: logs!.replaceAll("'", "") };
  }
  async function statusOf(scan: Scanning, logs: string): Promise<readonly Client[]> {
    const { stdout } = await runSkyscan(["start-clients", "status", logs, "--json"], { env: scan.env });
    return (JSON.parse(stdout) as readonly { readonly clients: readonly Client[] }[])[0]!.clients;
  }

  const allEnded = (scan: Scanning, logs: string): Promise<readonly Client[]> =>
    eventually("all clients have ended", async () => {
      const now = await statusOf(scan, logs);
      return now.every(({ state }) => state === "ended") ? now : undefined;
    });

  test("complete a scan with the same bytes although one is cancelled in the middle; the token is nowhere but in its file", async () => {
    const undisturbed = await fresh();
    expect(await undisturbed.scan("--clients", "2").ended).toMatchObject({ status: 0 });

    const scan = await freshScan();
    const server = scan.server(...fitsTake("1"));
    const { job, logs } = await startClients(scan, 4, await standInTarball(scan.directory));
    await scan.done(8);
    await slurm.command("scancel", `${job}_1`);
    // The scan does not end while it is looked at.
    server.kill("SIGSTOP");
    const clients = await eventually("the client has left", async () => {
      const now = await statusOf(scan, logs);
      return now[1]?.state === "ended" ? now : undefined;
    });
    expect(clients[1]).toMatchObject({ name: `${job}_1`, why: "taken away (scancel)" });
    for (const index of [0, 2, 3])
      expect(clients[index]).toMatchObject({ name: `${job}_${index}`, state: "running", host: "one", starts: 1 });
    expect(await readFile(join(logs, "client-1.err"), "utf8")).toContain("client ended with status 5");

    const processes = await jobProcesses(slurm);
    // Three job scripts and three clients: recos get no such variables.
    expect(processes.length).toBeGreaterThanOrEqual(6);
    for (const text of processes) expectWithout(password, text, "a process of a job");
    for (const file of [...(await filesBelow(slurm.directory)), ...(await filesBelow(logs))])
      if (!file.endsWith("/broker-token")) expectWithout(password, await readFile(file), file);
    expect((await stat(join(logs, "broker-token"))).mode & 0o777).toBe(0o600);

    server.kill("SIGCONT");
    expect(await server.ended).toMatchObject({ status: 0 });
    expect((await scan.npz("2")).equals(await undisturbed.npz("2"))).toBe(true);
    const ended = await allEnded(scan, logs);
    for (const index of [0, 2, 3]) expect(ended[index]).toMatchObject({ exitStatus: 0, starts: 1 });
    // The copy of the token goes when nobody needs it any more.
    expect(await readdir(logs)).not.toContain("broker-token");
  });

  test("are started again after chance ends, on another node after one that is no good, and never where that is no use", async () => {
    const scan = await freshScan();
    scan.server();
    const bundle = await standInBundle(join(scan.directory, "bundle"), [
      // Those that run until they are told to leave; the others end at once, each its own way.
      `leave() { trap 'exit 5' TERM; sleep 600 & wait; }`,
      "case $SLURM_ARRAY_TASK_ID.${SLURM_RESTART_COUNT:-0} in",
      "    0.0) exit 3 ;; 1.0) exit 2 ;; 2.0) exit 7 ;; 3.0) exit 1 ;; 4.0 | 5.0) leave ;;",
      "    6.0) scancel ${SLURM_ARRAY_JOB_ID}_6; exit 1 ;; 7.0 | 7.1) exit 7 ;;",
      "    *) exit 0 ;;",
      "esac",
    ]);
    await eventually("the startup file", () => (existsSync(scan.startup) ? true : undefined));
    const { job, logs } = await startClients(scan, 8, bundle);
    const told = async (): Promise<string> => (await runSkyscan(["start-clients", "status", logs], { env: scan.env })).stdout;
    const states = async (): Promise<readonly string[]> => (await statusOf(scan, logs)).map(({ state }) => state);
    const become = async (...wanted: readonly string[]): Promise<readonly Client[]> => {
      await eventually(wanted.join(" "), async () => (String(await states()) === String(wanted) ? true : undefined));
      return statusOf(scan, logs);
    };
    await become("ended", "ended", "held", "held", "running", "running", "ended", "held");
    expect(await told()).toContain("host       one: status 7: told to leave, or its recos cannot start there (2 clients)");
    // As Slurm does when a job's time is nearly over.
    await slurm.command("scancel", "--batch", "--signal=USR1", `${job}_4`);
    const clients = await become("ended", "ended", "held", "held", "held", "running", "ended", "held");
    expect(clients.map(({ exitStatus }) => exitStatus)).toEqual([3, 2, 7, 1, 5, undefined, undefined, 7]);
    expect(clients[6]).toMatchObject({ why: "taken away (scancel)" });
    for (const index of [2, 3, 4])
      expect(clients[index]).toMatchObject({ host: "one", starts: 1, why: expect.stringContaining("rests") as string });

    const restIsOver = (index: number, ...more: readonly string[]): Promise<string> =>
      slurm.command("scontrol", "update", `JobId=${job}_${index}`, "StartTime=now", ...more);
    for (const index of [2, 3, 7]) await restIsOver(index);
    // The rest of the one that has now been sent away by both nodes is not over yet.
    await eventually("both nodes are no good", async () => ((await statusOf(scan, logs))[7]?.starts === 2 ? true : undefined));
    // An operator's word, or nodes that went: Slurm itself would not look at it again.
    await restIsOver(4, "ExcNodeList=one,two");
    const stuck = await become("ended", "ended", "ended", "ended", "held", "running", "ended", "held");
    expect(stuck[7]).toMatchObject({ host: "two", starts: 2, exitStatus: 7 });
    const said = await eventually(
      "no node is left",
      async () => /held +1 x no node is left .*: (scontrol update JobId=\d+ ExcNodeList=) lets/.exec(await told())?.[1],
    );
    const [command = "", ...flags] = said.split(" ");
    // It refuses to change those that run, and says so.
    await slurm.command(command, ...flags).catch(() => undefined);
    await restIsOver(7);
    const again = await become("ended", "ended", "ended", "ended", "ended", "running", "ended", "ended");
    // Where all nodes are no good, any will do after the rest.
    expect(again[7]).toMatchObject({ exitStatus: 0, starts: 3 });
    // The others may go where Slurm finds room.
    expect(again.slice(2, 5)).toMatchObject([
      { host: "two", exitStatus: 0, starts: 2 },
      { exitStatus: 0, starts: 2 },
      { exitStatus: 0, starts: 2 },
    ]);

    const stopped = await runSkyscan(["start-clients", "stop", logs], { env: scan.env });
    expect(stopped).toMatchObject({ status: 0, stdout: expect.stringContaining("taken away") as string });
    const last = (await allEnded(scan, logs))[5];
    expect(last).toMatchObject({ why: "taken away (scancel)", starts: 1 });
    expect(await readFile(join(logs, "client-5.err"), "utf8")).toContain("client ended with status 5");
  });
});
