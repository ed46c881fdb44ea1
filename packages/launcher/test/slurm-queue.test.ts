import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { batchSystem, describeFleet } from "@skyscan/launcher";
import type { CommandEnd, FleetClient, FleetRecord } from "@skyscan/launcher";
import { silentLogger } from "@skyscan/runtime";

const slurm = batchSystem("slurm");
let directory: string;
let record: FleetRecord;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "skyscan-test-"));
  record = {
    version: 1,
    system: "slurm",
    started: "2026-11-22T08:00:00Z",
    directory,
    jobs: 5,
    slotsPerClient: 1,
    scanIds: [],
    startup: [],
    id: { job: 7 },
    tokenCopy: null,
  };
});
afterAll(() => rm(directory, { recursive: true }));

/** What Slurm says of a fleet of five, by the command. */
function clients(answers: Readonly<Record<string, Partial<CommandEnd>>>): Promise<readonly FleetClient[]> {
  const { signal } = new AbortController();
  const run = ([name = ""]: readonly string[]): Promise<CommandEnd> => {
    const answer = answers[name];
    return answer === undefined
      ? Promise.reject(new Error(`there is no command ${name}`))
      : Promise.resolve({ status: 0, stdout: "", stderr: "", ...answer });
  };
  return slurm.status(record, { run, logger: silentLogger, signal, force: signal });
}

const forgotten = { status: 1, stderr: "slurm_load_jobs error: Invalid job id specified" };

test("of a job that Slurm has forgotten the accounts tell, and how each client ended its own log", async () => {
  await writeFile(
    join(directory, "client-0.err"),
    "skyscan: n1: client ended with status 7\nskyscan: n2: client ended with status 0\n",
  );
  const accounts = [
    "7_0|COMPLETED|n2|1",
    "7_1|CANCELLED by 1000|n1|0",
    "7_2|TIMEOUT|n1|0",
    "7_3|NODE_FAIL|n3|2",
    "7_4|OUT_OF_MEMORY|n1|0",
  ];
  expect(await clients({ squeue: forgotten, sacct: { stdout: `${accounts.join("\n")}\n` } })).toEqual([
    { name: "7_0", state: "ended", host: "n2", exitStatus: 0, starts: 2 },
    { name: "7_1", state: "ended", host: "n1", why: "taken away (scancel)", starts: 1 },
    { name: "7_2", state: "ended", host: "n1", why: "its time was over", starts: 1 },
    { name: "7_3", state: "ended", host: "n3", why: "its node failed", starts: 3 },
    { name: "7_4", state: "ended", host: "n1", why: "it took more memory than --memory", starts: 1 },
  ]);
});

test.each([
  ["no sacct", {}],
  ["a sacct without accounts", { sacct: { status: 1, stderr: "Slurm accounting storage is disabled" } }],
])("where there is %s, the clients' own logs are all there is", async (_, more) => {
  const [first, second] = await clients({ squeue: forgotten, ...more });
  expect(first).toEqual({ name: "7_0", state: "ended", host: "n2", exitStatus: 0 });
  expect(second).toEqual({ name: "7_1", state: "ended" });
});

test("who waits for a person is held, and says for what", async () => {
  const queue = [
    "0|PENDING|JobHeldUser||0|",
    "1|PENDING|BeginTime||1|",
    "2|PENDING|BeginTime||0|",
    "3|PENDING|Priority||0|",
    "4|RUNNING|None|n1|0|",
  ];
  expect((await clients({ squeue: { stdout: queue.join("\n") } })).map(({ state, why }) => [state, why])).toEqual([
    ["held", "JobHeldUser (scontrol release)"],
    ["held", "rests before it is started again"],
    ["idle", undefined],
    ["idle", undefined],
    ["running", undefined],
  ]);
});

test("who has no node left, or none that is up, says so and what to do", async () => {
  await writeFile(join(directory, "client-1.err"), "skyscan: n1: client ended with status 7\n");
  const queue = [
    "0|RUNNING|None|n1|0|",
    // As Slurm 22.05 says it of a job whose excluded nodes are all there are, and of one whose other nodes are down.
    "1|PENDING|BadConstraints||1|",
    "2|PENDING|BadConstraints||1|",
    "3|PENDING|ReqNodeNotAvail, UnavailableNodes:two||1|",
    "4|PENDING|ReqNodeNotAvail, UnavailableNodes:two||0|",
  ];
  const found = await clients({ squeue: { stdout: queue.join("\n") } });
  expect(describeFleet(record, found).slice(2)).toEqual([
    "clients    1 running, 2 idle, 2 held, 0 ended",
    "idle       1 x the nodes that it does not avoid are down or drained (ReqNodeNotAvail, UnavailableNodes:two): scontrol update JobId=7 ExcNodeList= lets those that wait run on any",
    "held       2 x no node is left that fits it and that it does not avoid (BadConstraints): scontrol update JobId=7 ExcNodeList= lets those that wait run on any",
    "host       n1: status 7: told to leave, or its recos cannot start there",
  ]);
});

test("a squeue that fails is an error, not an end", async () => {
  await expect(clients({ squeue: { status: 1, stderr: "Unable to contact slurm controller" } })).rejects.toThrow(
    "Unable to contact",
  );
});
