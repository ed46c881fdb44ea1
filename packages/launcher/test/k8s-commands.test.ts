// A function stands in for kubectl: no cluster has seen any of this.
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ConfigMap, Secret } from "kubernetes-models/v1";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { batchSystem } from "@skyscan/launcher";
import type { CommandEnd, FleetClient, FleetRecord, FleetRequest, LaunchContext } from "@skyscan/launcher";
import { UsageError, silentLogger } from "@skyscan/runtime";
import { podRequest } from "./pod-requests.ts";

const k8s = batchSystem("k8s");
const name = "skyscan-2026-11-22t08-00-00z";
const token = "s3cr3t/+";

let directory: string;
let request: FleetRequest;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "skyscan-test-"));
  const startup = join(directory, "client-startup.json");
  await writeFile(startup, '{"scan_id": "one"}');
  await writeFile(join(directory, "token"), token);
  const environmentFiles = { SKYSCAN_BROKER_AUTH_FILE: join(directory, "token") };
  request = podRequest({ startup: [{ path: startup, directory: false }], environmentFiles });
});
afterAll(() => rm(directory, { recursive: true }));

interface Call {
  readonly argv: readonly string[];
  readonly input?: string;
}
let calls: Call[];
beforeEach(() => void (calls = []));

/** Answers one after the other. */
function context(...answers: readonly (Partial<CommandEnd> | Error)[]): LaunchContext {
  const { signal } = new AbortController();
  const run: LaunchContext["run"] = (argv, options = {}) => {
    const answer = answers[calls.length];
    calls.push({ argv, ...options });
    if (answer instanceof Error) return Promise.reject(answer);
    return Promise.resolve({ status: 0, stdout: "", stderr: "", ...answer });
  };
  return { run, logger: silentLogger, signal, force: signal };
}

const record = (jobs: number): FleetRecord => ({
  version: 1,
  system: "k8s",
  started: "2026-11-22T08:00:00Z",
  directory,
  jobs,
  slotsPerClient: 1,
  scanIds: [],
  startup: [],
  id: { namespace: "ice", job: name },
  tokenCopy: null,
});

test("the Job is made first, then what its pods wait for, which goes when the Job goes; the token goes through a pipe", async () => {
  const submission = await k8s.submit(request, "/logs/job.yaml", context({ stdout: "ice 0123-uid" }, {}));
  expect(submission).toEqual({
    id: { namespace: "ice", job: name },
    said: `300 pods asked for as job ${name} in namespace ice`,
  });
  expect(calls.map(({ argv }) => argv.join(" "))).toEqual([
    "kubectl create --filename=/logs/job.yaml --output=jsonpath={.metadata.namespace} {.metadata.uid}",
    "kubectl create --namespace=ice --filename=-",
  ]);
  const { items } = JSON.parse(calls[1]!.input!) as { items: [object, object] };
  const [config, secret] = [new ConfigMap(items[0]), new Secret(items[1])];
  for (const one of [config, secret]) {
    one.validate();
    expect(one.metadata).toMatchObject({ name, ownerReferences: [{ kind: "Job", name, uid: "0123-uid" }] });
  }
  const decoded = (text: string | undefined): string => Buffer.from(text!, "base64").toString();
  expect(decoded(config.binaryData?.["client-startup-0.json"])).toBe('{"scan_id": "one"}');
  expect(decoded(secret.data?.["SKYSCAN_BROKER_AUTH_FILE"])).toBe(token);
  expect(k8s.write(request).main.text).not.toContain(token);
});

test("a Job whose pods would wait for ever is taken back", async () => {
  const submitting = k8s.submit(
    request,
    "/logs/job.yaml",
    context({ stdout: "ice 1" }, { status: 1, stderr: "secrets is forbidden" }),
  );
  await expect(submitting).rejects.toThrow("secrets is forbidden");
  expect(calls.at(-1)!.argv).toEqual(["kubectl", "delete", "job", "--namespace=ice", "--wait=false", name]);

  calls = [];
  const large = join(directory, "large.json");
  await writeFile(large, Buffer.alloc(1024 * 1024 + 1));
  const tooLarge = { ...request, startup: [{ path: large, directory: false }] };
  await expect(k8s.submit(tooLarge, "/logs/job.yaml", context({ stdout: "ice 1" }))).rejects.toThrow("1048577 bytes");
  expect(calls.at(-1)!.argv).toContain("delete");
});

test("without kubectl the manifest is named, which says the commands", async () => {
  const nothing = context(new UsageError("there is no command kubectl here"));
  await expect(k8s.submit(request, "/logs/job.yaml", nothing)).rejects.toThrow(
    /no command kubectl.*\n.*\/logs\/job\.yaml says which commands/,
  );
});

const pod = (index: number, created: string, status: object, more: object = {}): object => ({
  kind: "Pod",
  metadata: {
    creationTimestamp: `2026-11-22T08:0${created}:00Z`,
    annotations: { "batch.kubernetes.io/job-completion-index": String(index) },
    ...more,
  },
  spec: { nodeName: "n1" },
  status,
});
const terminated = (exitCode: number, reason = "Error"): object => ({
  phase: exitCode === 0 ? "Succeeded" : "Failed",
  containerStatuses: [{ state: { terminated: { exitCode, reason } } }],
});
const waiting = (reason: string, message?: string): object => ({
  phase: "Pending",
  containerStatuses: [{ state: { waiting: { reason, message } } }],
});

async function clients(jobs: number, ...items: readonly object[]): Promise<readonly FleetClient[]> {
  const found = await k8s.status(record(jobs), context({ stdout: JSON.stringify({ kind: "List", items }) }));
  expect(calls[0]!.argv.join(" ")).toBe(
    `kubectl get jobs,pods --namespace=ice --selector=app.kubernetes.io/instance=${name} --output=json`,
  );
  return found;
}

test("each index is a client, told of by its youngest pod", async () => {
  const found = await clients(
    8,
    { kind: "Job", status: { failedIndexes: "3,5-6" } },
    pod(0, "1", { phase: "Running" }),
    pod(1, "2", { phase: "Running" }),
    pod(1, "1", terminated(7)),
    pod(2, "1", terminated(0)),
    pod(3, "1", terminated(2)),
    pod(4, "1", terminated(1)),
    pod(5, "1", terminated(137, "OOMKilled")),
    pod(6, "1", waiting("ImagePullBackOff", "no such image")),
  );
  expect(found.map(({ name: own }) => own)).toEqual([0, 1, 2, 3, 4, 5, 6, 7].map((index) => `${name}-${index}`));
  expect(found.map(({ name: _, ...rest }) => rest)).toEqual([
    { state: "running", host: "n1", starts: 1 },
    { state: "running", host: "n1", starts: 2 },
    { state: "ended", exitStatus: 0, host: "n1", starts: 1 },
    { state: "ended", exitStatus: 2, host: "n1", starts: 1 },
    { state: "held", exitStatus: 1, why: "rests before it is started again", host: "n1", starts: 1 },
    { state: "ended", exitStatus: null, why: "OOMKilled", host: "n1", starts: 1 },
    { state: "held", why: "ImagePullBackOff: no such image", host: "n1", starts: 1 },
    { state: "idle" },
  ]);
});

test("a pod that is being prepared is not held; of a Job that is gone nobody remembers", async () => {
  expect(await clients(1, { kind: "Job", status: {} }, pod(0, "1", waiting("ContainerCreating")))).toMatchObject([
    { state: "idle" },
  ]);
  calls = [];
  expect(await clients(1)).toMatchObject([{ state: "ended", why: expect.stringContaining("its Job is gone") as string }]);
});

test("what is no list of pods is an error", async () => {
  await expect(k8s.status(record(1), context({ stdout: "{}" }))).rejects.toThrow("no list of jobs and pods");
  calls = [];
  await expect(k8s.status(record(1), context({ status: 1, stderr: "connection refused" }))).rejects.toThrow("connection refused");
});

test("to stop is to delete the Job, and with it all that is its own", async () => {
  const said = await k8s.stop(record(1), context({ stdout: `job.batch "${name}" deleted` }));
  expect(said).toContain("taken away");
  expect(calls[0]!.argv).toEqual(["kubectl", "delete", "job", "--namespace=ice", "--ignore-not-found", "--wait=false", name]);
  calls = [];
  expect(await k8s.stop(record(1), context({}))).toContain("no client was left");
});
