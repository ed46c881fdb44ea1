// Clients that start-clients keeps running on this machine, and what it refuses before anything is started. HTCondor: start-clients.condor.e2e.test.ts.
import { execFile } from "node:child_process";
import { readFile, readdir, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { childrenOf, eventually, readJson, repositoryPath, runSkyscan, startSkyscan } from "@skyscan/testing";
import type { SkyscanEnd } from "@skyscan/testing";
import { dummyScans, fitsTake } from "./dummy-scans.ts";
import type { Scanning } from "./scanning.ts";

const freshScan = dummyScans();

const flags = (scan: Scanning, ...more: readonly string[]): readonly string[] => [
  ...["start-clients", "--client-startup-json", scan.startup, "--logs-directory", join(scan.directory, "the logs"), ...more],
];
const start = (scan: Scanning, ...more: readonly string[]): ReturnType<typeof startSkyscan> =>
  startSkyscan(flags(scan, "--on", "local", ...more), { env: scan.env });
const ask = (scan: Scanning, verb: "status" | "stop", ...more: readonly string[]): Promise<SkyscanEnd> =>
  runSkyscan(["start-clients", verb, "--client-startup-json", scan.startup, ...more], { env: scan.env });
const fleetDirectory = async (scan: Scanning): Promise<string> =>
  join(scan.directory, "the logs", (await readdir(join(scan.directory, "the logs")))[0]!);

interface Client {
  readonly state: string;
  readonly starts: number;
  readonly exitStatus?: number | null;
}
const clientsOf = async (scan: Scanning): Promise<readonly Client[]> =>
  (JSON.parse((await ask(scan, "status", "--json")).stdout) as readonly { readonly clients: readonly Client[] }[])[0]!.clients;

describe("--on local", () => {
  test("finishes a scan; a client that is killed is started again", async () => {
    const scan = await freshScan();
    const server = scan.server(...fitsTake("0.1"));
    const fleet = start(scan, "--jobs", "2", "--wait-for-startup-sec", "120");
    await scan.done(2);
    const [victim] = await childrenOf(fleet.pid);
    process.kill(victim!, "SIGKILL");
    await fleet.said("it is started again");
    expect(await server.ended).toMatchObject({ status: 0 });
    expect(await fleet.ended).toMatchObject({ status: 0 });
    expect((await clientsOf(scan)).map(({ state, starts, exitStatus }) => [state, starts, exitStatus]).sort()).toEqual([
      ["ended", 1, 0],
      ["ended", 2, 0],
    ]);
    const told = await ask(scan, "status");
    expect(told.stdout).toContain("0 running, 0 idle, 0 held, 2 ended");
    expect(told.stdout).toContain("2 x status 0: the scan ended");
  });

  test("is ended by stop from elsewhere: clients hand back what they hold, none is left", async () => {
    const scan = await freshScan();
    const server = scan.server(...fitsTake("3"));
    await server.said("clients may start");
    const first = start(scan, "--jobs", "2");
    await eventually("a client", async () => ((await scan.manifest())?.workers.alive === 2 ? true : undefined));
    const clients = await childrenOf(first.pid);
    const told = await ask(scan, "status");
    expect(told.stdout).toContain("clients    2 running");
    // From the server, over its broker.
    expect(told.stdout).toContain("workers    2 alive with 2 slots");
    expect(await ask(scan, "stop")).toMatchObject({ status: 0, stdout: "2 clients have left\n" });
    expect(await first.ended).toMatchObject({ status: 5 });
    for (const pid of clients) expect(() => process.kill(pid, 0)).toThrow();
    expect((await clientsOf(scan)).map(({ state, exitStatus }) => [state, exitStatus])).toEqual([
      ["ended", 5],
      ["ended", 5],
    ]);
    expect(await ask(scan, "stop")).toMatchObject({ status: 0, stdout: "no client was left\n" });
    server.kill("SIGTERM");
    await server.ended;
  });

  test("leaves no client behind when it is killed itself, and its status says so", async () => {
    const scan = await freshScan();
    const server = scan.server(...fitsTake("0.1"));
    await server.said("clients may start");
    const fleet = start(scan, "--jobs", "1");
    await scan.done(1);
    const [client] = await childrenOf(fleet.pid);
    fleet.kill("SIGKILL");
    await fleet.ended;
    await eventually("the client has left", () => {
      try {
        process.kill(client!, 0);
        return undefined;
      } catch {
        return true;
      }
    });
    expect((await ask(scan, "status")).stdout).toContain("1 x whoever kept it running was killed");
    server.kill("SIGTERM");
    await server.ended;
  });
});

describe("start-clients", () => {
  /** A startup file of a scan whose broker is elsewhere. */
  async function elsewhere(scan: Scanning): Promise<Scanning> {
    const server = scan.server();
    await server.said("clients may start");
    const startup = (await readJson(scan.startup)) as { readonly broker: object };
    server.kill("SIGKILL");
    await server.ended;
    const broker = { client: "rabbitmq", address: "amqps://scanner@broker.example.org/scans", tokenFile: null };
    await writeFile(scan.startup, JSON.stringify({ ...startup, broker }));
    return scan;
  }

  test("refuses, naming all of it at once, what clients elsewhere could not use", async () => {
    const scan = await freshScan();
    const server = scan.server();
    await server.said("clients may start");
    const loopback = await runSkyscan(flags(scan, "--jobs", "2"), { env: scan.env });
    expect(loopback.status).toBe(2);
    expect(loopback.stderr).toMatch(
      /broker of .* is at 127\.0\.0\.1:\d+, which only this machine reaches: .*--listen.*--on local/,
    );
    const wrong = await runSkyscan(
      flags(
        scan,
        ...["--jobs", "0", "--memory", "much", "--time-limit", "soon", "--bundle", "nowhere"],
        ...["--client-args", "client-startup-json:x", "slots:3", "no-colon"],
        ...["--environment", "SKYSCAN_BROKER_AUTH=hunter2", "1X"],
      ),
      { env: scan.env },
    );
    expect(wrong.status).toBe(2);
    for (const words of [
      "--jobs 0",
      "--memory much",
      "--time-limit soon",
      "--bundle nowhere",
      "client-startup-json is not allowed",
      "--slots-per-client",
      "no-colon",
      "--environment SKYSCAN_BROKER_AUTH",
      "--environment 1X",
    ])
      expect(wrong.stderr).toContain(words);
    expect(wrong.stderr).not.toContain("hunter2");
    const typo = await runSkyscan(flags(scan, "--on", "local", "--jobs", "1", "--client-args", "debug-directry:/x"), {
      env: scan.env,
    });
    expect(typo).toMatchObject({ status: 2 });
    expect(typo.stderr).toContain("debug-directry");
    server.kill("SIGTERM");
    await server.ended;
  });

  test("--dryrun with the predecessor's flags prints a submit description without secret, and submits nothing", async () => {
    const scan = await elsewhere(await freshScan());
    const json = join(scan.directory, "my_client_args.json");
    await writeFile(json, JSON.stringify({ "debug-directory": "/data/debug", container: "none" }));
    const env = {
      ...scan.env,
      SKYSCAN_BROKER_ADDRESS: "amqps://scanner:hunter2@broker.example.org/scans",
      SKYSCAN_REPLY_OUTCOMES: "7",
    };
    const { status, stdout, stderr } = await runSkyscan(
      flags(
        scan,
        ...["--dryrun", "--jobs", "300", "--memory", "8GB", "--singularity-image", "/cvmfs/icecube.opensciencegrid.org/x:1.2.3"],
        ...["--client-args-json", json, "--collector", "", "--schedd", "", "--accounting-group", ""],
      ),
      { env },
    );
    expect(status, stderr).toBe(0);
    expect(stdout).toContain(
      'arguments = "client --client-startup-json client-startup.json --slots 1 --debug-directory /data/debug --container none"',
    );
    expect(stdout).toContain("SKYSCAN_BROKER_ADDRESS=amqps://scanner@broker.example.org/scans");
    expect(stdout).toContain("SKYSCAN_REPLY_OUTCOMES=7");
    expect(stdout).toContain("SKYSCAN_BROKER_AUTH_FILE=broker-token");
    const directory = await fleetDirectory(scan);
    expect((await readdir(directory)).sort()).toEqual(["clients.sub", "run-client.sh"]);
    for (const name of await readdir(directory)) expect(await readFile(join(directory, name), "utf8")).not.toContain("hunter2");
    expect(stdout + stderr).not.toContain("hunter2");
    expect((await ask(scan, "status")).stderr).toContain("no clients were started for");
  });

  test("gives fleets that are started in the same second a directory each", async () => {
    const scan = await elsewhere(await freshScan());
    const env = { ...scan.env, SKYSCAN_BROKER_ADDRESS: "broker.example.org" };
    const starts = [1, 2, 3].map(() => runSkyscan(flags(scan, "--dryrun", "--jobs", "1"), { env }));
    for (const { status, stderr } of await Promise.all(starts)) expect(status, stderr).toBe(0);
    expect(await readdir(join(scan.directory, "the logs"))).toHaveLength(3);
  });

  test("is the predecessor's client_starter, in the checkout's resources too", async () => {
    const { stdout } = await promisify(execFile)(repositoryPath("resources/client_starter"), ["--help"]);
    expect(stdout).toContain("--singularity-image");
    expect(stdout).toContain("skyscan start-clients --jobs 300");
  });

  test("writes the token that it was given to a file of its owner alone", async () => {
    const scan = await elsewhere(await freshScan());
    const bundle = join(scan.directory, "skyscan.tar.gz");
    await writeFile(bundle, "");
    const env = { ...scan.env, SKYSCAN_BROKER_AUTH: "hunter2" };
    const { status, stderr } = await runSkyscan(
      flags(scan, "--jobs", "1", "--bundle", bundle, "--submit-file-only", join(scan.directory, "my.sub")),
      { env },
    );
    expect(status, stderr).toBe(0);
    const token = join(await fleetDirectory(scan), "broker-token");
    expect(await readFile(token, "utf8")).toBe("hunter2\n");
    expect((await stat(token)).mode & 0o777).toBe(0o600);
    expect(await readFile(join(scan.directory, "my.sub"), "utf8")).toContain(token);
  });

  test("says where HTCondor is missing, and leaves no token behind", async () => {
    const scan = await elsewhere(await freshScan());
    const bundle = join(scan.directory, "skyscan.tar.gz");
    await writeFile(bundle, "");
    const env = { ...scan.env, SKYSCAN_BROKER_AUTH: "hunter2", PATH: "/nowhere" };
    const { status, stderr } = await runSkyscan(flags(scan, "--jobs", "1", "--bundle", bundle), { env });
    expect(status).toBe(2);
    expect(stderr).toContain("there is no command condor_submit here");
    expect((await readdir(await fleetDirectory(scan))).sort()).toEqual(["clients.sub", "run-client.sh"]);
  });
});
