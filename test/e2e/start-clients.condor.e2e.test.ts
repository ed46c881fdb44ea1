// Clients as jobs of a real HTCondor pool, over a real RabbitMQ.
import { chmod, chown, cp, mkdir, readdir, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { condorMissing, endAllSkyscan, eventually, poolUserId, rabbitmqMissing } from "@skyscan/testing";
import {
  clientProcesses,
  condorStage,
  fleetFiles,
  inQueue,
  queueOf,
  runsAndHolds,
  transferredFiles,
  visibleInPool,
} from "./condor-jobs.ts";
import type { CondorStage } from "./condor-jobs.ts";
import { scanning } from "./scanning.ts";
import { makeScriptedReco } from "./scripted-reco.ts";
import { expectWithout } from "./secret-shapes.ts";

interface Fleet {
  readonly record: { readonly directory: string; readonly id: { readonly cluster: number } };
  readonly clients: readonly {
    readonly name: string;
    readonly state: string;
    readonly exitStatus?: number;
    readonly starts?: number;
    readonly why?: string;
  }[];
}

describe.skipIf(condorMissing !== undefined || rabbitmqMissing !== undefined)("clients as HTCondor jobs", () => {
  let stage: CondorStage;
  beforeAll(async () => {
    stage = await condorStage();
  }, 400_000);
  afterEach(endAllSkyscan);
  afterAll(() => (stage as CondorStage | undefined)?.stop());

  /** Flags that are the same for every start. */
  const flags = (...more: readonly string[]): readonly string[] => [
    ...["start-clients", "--memory", "256MB", "--disk", "1GB", "--bundle", stage.tarball, ...more],
  ];
  const clusterOf = (said: string): number => Number(/cluster (\d+)/.exec(said)?.[1]);
  const inPool = async (...argv: readonly string[]): Promise<string> => (await stage.pool.run(argv)).stdout.trim();
  const fleetDirectory = async (directory: string): Promise<string> =>
    join(directory, "logs", (await readdir(join(directory, "logs")))[0]!);
  async function fleetOf(directory: string): Promise<Fleet> {
    const { stdout, stderr } = await stage.skyscan(directory, ["start-clients", "status", "--json"]);
    expect(stderr).toBe("");
    return (JSON.parse(stdout) as readonly Fleet[])[0]!;
  }

  test("are what HTCondor makes of the submit description: it understands every line, and makes as many jobs as were asked for", async () => {
    const directory = await stage.directory("dryrun");
    const scan = scanning(directory, { reco: "dummy", nsides: ["1:0"], env: { SKYSCAN_BROKER_ADDRESS: stage.broker.url } });
    const server = scan.server();
    await server.said("clients may start");
    const dryRun = async (text: string): ReturnType<CondorStage["pool"]["run"]> => {
      const file = join(directory, "clients.sub");
      await writeFile(file, text);
      return stage.pool.run(["condor_submit", "-dry-run", "-", file]);
    };
    const all = [
      ...["--jobs", "300", "--cpus", "2", "--time-limit", "8h", "--priority", "5", "--accounting-group", "IceCube"],
      ...["--requirements", "has_avx2", "--client-args", "debug-directory:/data/x", "--environment", `X=it's "a" $(HOME)`],
    ];
    const env = { SKYSCAN_BROKER_ADDRESS: stage.poolAddress, SKYSCAN_BROKER_AUTH: stage.password };
    const texts: string[] = [];
    for (const image of ["/cvmfs/icecube.opensciencegrid.org/x:y", "docker://example.org/x:1"]) {
      const logs = ["--logs-directory", `logs-${texts.length}`];
      const printed = await stage.skyscan(directory, flags("--dryrun", ...all, "--image", image, ...logs), env);
      expect(printed.status, printed.stderr).toBe(0);
      expectWithout(stage.password, printed.stdout + printed.stderr, "the dry run");
      const { status, stdout, stderr } = await dryRun(printed.stdout);
      expect([status, stderr]).toEqual([0, ""]);
      expect(stdout.match(/^ProcId=/gm)).toHaveLength(300);
      // One word, in the quotes of a job ad.
      expect(stdout).toContain(`X=it''''s' '\\"a\\"' '$(HOME)`);
      texts.push(printed.stdout);
    }
    // HTCondor tells of a line that it does not understand.
    expect((await dryRun(texts[0]!.replace("max_retries", "max_retrys"))).stderr).toContain("max_retrys");
    server.kill("SIGTERM");
    await server.ended;
  });

  test("finish a scan byte for byte although one is removed and one is killed, and nobody sees the token", async () => {
    const directory = await stage.directory("scan");
    const options = { reco: "dummy", nsides: ["2:0"] };
    const slow = ["--reco-option", "runtime=1"];
    const undisturbed = scanning(join(directory, "undisturbed"), options);
    expect(await undisturbed.scan("--clients", "4", ...slow).ended).toMatchObject({ status: 0 });

    const env = { SKYSCAN_BROKER_ADDRESS: stage.serverAddress, SKYSCAN_BROKER_AUTH: stage.password };
    const scan = scanning(directory, { ...options, env });
    const server = scan.server(...slow);
    await server.said("clients may start");
    const asked = { SKYSCAN_BROKER_ADDRESS: stage.poolAddress, SKYSCAN_BROKER_AUTH: stage.password, SKYSCAN_LOG: "trace" };
    const started = await stage.skyscan(directory, flags("--jobs", "3"), asked);
    expect(started.status, started.stderr).toBe(0);
    const cluster = clusterOf(started.stdout);
    const fleet = await fleetDirectory(directory);
    expect((await stat(join(fleet, "broker-token"))).mode & 0o777).toBe(0o600);

    await scan.done(2);
    await eventually("three clients", async () => ((await clientProcesses(stage)).length === 3 ? true : undefined));
    const seen = await visibleInPool(stage, cluster);
    expect(seen).toContain("SKYSCAN_BROKER_AUTH_FILE=broker-token");
    expectWithout(stage.password, seen, "a process or a job ad");
    expect(await transferredFiles(stage, "broker-token")).toEqual(Array.from({ length: 3 }, () => "600 user"));
    expect((await fleetOf(directory)).clients.map(({ state }) => state)).toEqual(["running", "running", "running"]);

    await stage.pool.run(["condor_rm", `${cluster}.0`]);
    await eventually("two clients", async () => ((await clientProcesses(stage)).length === 2 ? true : undefined));
    const [victim] = await clientProcesses(stage);
    await stage.pool.run(["kill", "-9", victim!]);
    expect(await server.ended).toMatchObject({ status: 0 });
    expect(await scan.npz("2")).toEqual(await undisturbed.npz("2"));
    await eventually("an empty queue", async () => ((await queueOf(stage, cluster)).length === 0 ? true : undefined));
    const { clients } = await eventually("all three in the history", async () => {
      const now = await fleetOf(directory);
      return now.clients.length === 3 ? now : undefined;
    });
    expect(clients[0]).toMatchObject({
      name: `${cluster}.0`,
      state: "ended",
      why: expect.stringContaining("condor_rm") as string,
    });
    expect(clients.slice(1)).toMatchObject([
      { state: "ended", exitStatus: 0 },
      { state: "ended", exitStatus: 0 },
    ]);
    // The killed one was started again.
    expect(clients.slice(1).map(({ starts }) => starts)).toEqual(expect.arrayContaining([1, 2]));

    const files = await fleetFiles(fleet);
    // The last of them has ended: what was made for them goes.
    expect([...files.keys()]).not.toContain("broker-token");
    for (const name of ["client.log", "clients.sub", "fleet.json", "client-1.err"]) expect([...files.keys()]).toContain(name);
    for (const [name, content] of files) expectWithout(stage.password, content, name);
    expectWithout(stage.password, started.stdout + started.stderr, "start-clients");
  });

  test("rest while their host is no good, are held while a person has to mend something, and then finish the scan", async () => {
    const directory = await stage.directory("mending");
    const reco = await makeScriptedReco(directory, "answer(line)");
    await writeFile(join(directory, "fits"), "");
    await chmod(join(directory, "fits"), 0o666);
    const there = join(directory, "recos-of-the-hosts");
    await mkdir(there);
    const token = join(directory, "token");
    const writeToken = async (text: string): Promise<void> => {
      await writeFile(token, `${text}\n`, { mode: 0o600 });
      await chown(token, poolUserId, poolUserId);
    };
    await writeToken("not the password");
    const env = { SKYSCAN_BROKER_ADDRESS: stage.serverAddress, SKYSCAN_BROKER_AUTH: stage.password };
    const scan = scanning(directory, { reco: reco.name, nsides: ["1:0"], env });
    const server = scan.server("--reco-path", reco.path);
    await server.said("clients may start");

    const submitFile = join(directory, "mine.sub");
    const written = await stage.skyscan(
      directory,
      flags(
        ...["--jobs", "300", "--submit-file-only", submitFile],
        ...["--environment", `SKYSCAN_RECO_PATH=${there}`, "EWMS_PILOT_QUARANTINE_TIME=0"],
      ),
      { SKYSCAN_BROKER_ADDRESS: stage.poolAddress, SKYSCAN_BROKER_AUTH_FILE: token },
    );
    expect(written.status, written.stderr).toBe(0);
    const submitted = await stage.pool.run(["condor_submit", "jobs=1", "rest_sec=2", "avoid_sec=2", submitFile], {
      cwd: directory,
    });
    expect(submitted.status, submitted.stderr).toBe(0);
    const cluster = clusterOf(submitted.stdout);

    const sentAway = await inQueue(stage, cluster, "held for the host", ([job]) =>
      job?.HoldReasonSubCode === 7 ? job : undefined,
    );
    expect(sentAway.HoldReason).toContain("its recos cannot start there");
    expect((await runsAndHolds(submitFile)).slice(0, 2)).toEqual(["runs", "held"]);
    await cp(reco.path, there, { recursive: true });

    const refused = await inQueue(stage, cluster, "held for the token", ([job]) =>
      job?.HoldReasonSubCode === 2 ? job : undefined,
    );
    expect(refused.HoldReason).toContain("the broker refuses");
    await writeToken(stage.password);
    await stage.pool.run(["condor_release", String(cluster)]);
    expect(await server.ended).toMatchObject({ status: 0 });
    await eventually("an empty queue", async () => ((await queueOf(stage, cluster)).length === 0 ? true : undefined));
  });

  test("end when their time is over, and are not started again; collector and schedd are those that were named", async () => {
    const directory = await stage.directory("elsewhere");
    const env = { SKYSCAN_BROKER_ADDRESS: stage.serverAddress, SKYSCAN_BROKER_AUTH: stage.password };
    const scan = scanning(directory, { reco: "dummy", nsides: ["2:0"], env });
    const server = scan.server("--reco-option", "runtime=3");
    await server.said("clients may start");
    const place = {
      collector: await inPool("condor_config_val", "COLLECTOR_HOST"),
      schedd: await inPool("condor_status", "-schedd", "-af", "Name"),
    };
    const started = await stage.skyscan(
      directory,
      flags("--jobs", "1", "--time-limit", "4s", "--collector", place.collector, "--schedd", place.schedd),
      { SKYSCAN_BROKER_ADDRESS: stage.poolAddress, SKYSCAN_BROKER_AUTH: stage.password },
    );
    expect(started.status, started.stderr).toBe(0);
    const cluster = clusterOf(started.stdout);
    await eventually("it has left the queue", async () => ((await queueOf(stage, cluster)).length === 0 ? true : undefined));
    const { record, clients } = await eventually("it is in the history", async () => {
      const now = await fleetOf(directory);
      return now.clients.length === 1 ? now : undefined;
    });
    expect(record.id).toEqual({ cluster, ...place });
    expect(clients).toMatchObject([{ state: "ended", starts: 1, why: "its time was over (--time-limit)" }]);
    server.kill("SIGTERM");
    expect(await server.ended).toMatchObject({ status: 5 });
  });

  test("are taken away by stop, with their token, and hand back what they hold", async () => {
    const directory = await stage.directory("stopping");
    const env = { SKYSCAN_BROKER_ADDRESS: stage.serverAddress, SKYSCAN_BROKER_AUTH: stage.password };
    const scan = scanning(directory, { reco: "dummy", nsides: ["2:0"], env });
    const server = scan.server("--reco-option", "runtime=3");
    await server.said("clients may start");
    const asked = { SKYSCAN_BROKER_ADDRESS: stage.poolAddress, SKYSCAN_BROKER_AUTH: stage.password };
    // Two do not fit onto the pool's four cores.
    const started = await stage.skyscan(directory, flags("--jobs", "2", "--cpus", "3"), asked);
    expect(started.status, started.stderr).toBe(0);
    await eventually("the server knows a client", async () => ((await scan.manifest())?.workers.alive === 1 ? true : undefined));
    expect((await fleetOf(directory)).clients.map(({ state }) => state).sort()).toEqual(["idle", "running"]);
    const stopped = await stage.skyscan(directory, ["start-clients", "stop"]);
    expect(stopped.stdout).toContain("all jobs are being removed");
    expect(stopped.status).toBe(0);
    expect([...(await fleetFiles(await fleetDirectory(directory))).keys()]).not.toContain("broker-token");
    await eventually("the server knows that it left", async () =>
      (await scan.manifest())?.workers.alive === 0 ? true : undefined,
    );
    expect((await scan.manifest())?.workers.lost).toBe(0);
    server.kill("SIGTERM");
    expect(await server.ended).toMatchObject({ status: 5 });
  });
});
