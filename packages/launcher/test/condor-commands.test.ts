// HTCondor's commands as they are started and as their answers are read; the real ones run in test/e2e/start-clients.condor.e2e.test.ts.
import { expect, test } from "vitest";
import { batchSystem, describeFleet, runCommand } from "@skyscan/launcher";
import type { CommandEnd, FleetRecord, LaunchContext } from "@skyscan/launcher";
import { silentLogger } from "@skyscan/runtime";
import { fleetRequest } from "./fleet-request.ts";

const condor = batchSystem("condor");
const never = new AbortController().signal;

/** Answers as HTCondor 23.9 does, and notes what it was asked. */
function answering(answers: Readonly<Record<string, Partial<CommandEnd>>>): LaunchContext & { readonly asked: string[] } {
  const asked: string[] = [];
  return {
    asked,
    logger: silentLogger,
    signal: never,
    force: never,
    run: (argv) => {
      asked.push(argv.join(" "));
      return Promise.resolve({ status: 0, stdout: "", stderr: "", ...answers[argv[0]!] });
    },
  };
}

const record: FleetRecord = {
  version: 1,
  system: "condor",
  started: "2026-11-22T08:00:00Z",
  directory: "/home/ana/logs/skyscan-2026-11-22T08-00-00Z",
  jobs: 5,
  slotsPerClient: 2,
  scanIds: ["scan"],
  startup: ["/home/ana/client-startup.json"],
  id: { cluster: 1234, collector: "cm.example.org", schedd: "submit.example.org" },
  tokenCopy: null,
};

test("the cluster of a submission is known, wherever the schedd is", async () => {
  const context = answering({ condor_submit: { stdout: "1234.0 - 1234.299\n" } });
  const request = fleetRequest({ collector: "cm.example.org", schedd: "submit.example.org" });
  expect(await condor.submit(request, "/x/clients.sub", context)).toEqual({
    id: record.id,
    said: "300 jobs submitted to cluster 1234",
  });
  expect(context.asked).toEqual(["condor_submit -pool cm.example.org -name submit.example.org -terse /x/clients.sub"]);
});

test("what condor_submit refuses is told in its words", async () => {
  const context = answering({ condor_submit: { status: 1, stderr: "ERROR: Executable file x does not exist\n" } });
  await expect(condor.submit(fleetRequest(), "/x/clients.sub", context)).rejects.toThrow(
    "condor_submit ended with status 1: ERROR: Executable file x does not exist",
  );
});

test("where a command is not installed, that is said", async () => {
  await expect(runCommand(["skyscan-no-such-command"])).rejects.toThrow("there is no command skyscan-no-such-command here");
});

test("idle, running, held, ended and removed jobs are told apart, with hosts and reasons", async () => {
  const job = { ClusterId: 1234, NumJobStarts: 1 };
  const queue = [
    { ...job, ProcId: 0, JobStatus: 1 },
    { ...job, ProcId: 1, JobStatus: 2, RemoteHost: "slot1_2@node1.example.org" },
    {
      ...job,
      ProcId: 2,
      JobStatus: 5,
      LastRemoteHost: "slot1_1@node2.example.org",
      HoldReason: "status 7: told to leave",
      ExitBySignal: false,
      ExitCode: 7,
    },
  ];
  const history = [
    { ...job, ProcId: 3, JobStatus: 4, LastRemoteHost: "slot1_1@node1.example.org", ExitBySignal: false, ExitCode: 0 },
    { ...job, ProcId: 4, JobStatus: 3, LastRemoteHost: "slot1_1@node3.example.org", RemoveReason: "via condor_rm (by user ana)" },
    {
      ...job,
      ProcId: 5,
      JobStatus: 3,
      RemoveReason: "The job attribute PeriodicRemove expression '(JobStatus == 2)' evaluated to TRUE",
    },
  ];
  const context = answering({ condor_q: { stdout: JSON.stringify(queue) }, condor_history: { stdout: JSON.stringify(history) } });
  const clients = await condor.status(record, context);
  expect(clients).toMatchObject([
    { name: "1234.0", state: "idle" },
    { name: "1234.1", state: "running", host: "node1.example.org" },
    { name: "1234.2", state: "held", host: "node2.example.org", why: "status 7: told to leave" },
    { name: "1234.3", state: "ended", exitStatus: 0 },
    { name: "1234.4", state: "ended", why: "via condor_rm (by user ana)" },
    { name: "1234.5", state: "ended", why: "its time was over (--time-limit)" },
  ]);
  expect(context.asked[0]).toMatch(/^condor_q -pool cm\.example\.org -name submit\.example\.org -json -attributes \S+ 1234$/);
  expect(describeFleet(record, clients)).toEqual([
    "fleet      /home/ana/logs/skyscan-2026-11-22T08-00-00Z",
    "           condor, cluster 1234, collector cm.example.org, schedd submit.example.org: 5 clients with 2 slots each, started 2026-11-22T08:00:00Z",
    "clients    1 running, 1 idle, 1 held, 3 ended",
    "held       1 x status 7: told to leave",
    "ended      1 x status 0: the scan ended",
    "ended      1 x via condor_rm (by user ana)",
    "ended      1 x its time was over (--time-limit)",
    "host       node2.example.org: status 7: told to leave, or its recos cannot start there",
  ]);
});

test("HTCondor prints nothing where there is nothing", async () => {
  expect(await condor.status(record, answering({}))).toEqual([]);
});

test("stopping what has gone is no error, stopping what may not be stopped is", async () => {
  const gone = answering({ condor_rm: { status: 1, stderr: "Couldn't find/remove all jobs in cluster 1234\n" } });
  expect(await condor.stop(record, gone)).toBe("cluster 1234: no job was left");
  const refused = answering({ condor_rm: { status: 1, stderr: "Permission denied\n" } });
  await expect(condor.stop(record, refused)).rejects.toThrow("Permission denied");
});
