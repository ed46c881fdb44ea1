import { UsageError, messageOf } from "@skyscan/runtime";
import type { BatchSystem, LaunchContext } from "../batch-system.ts";
import { mustRun } from "../command.ts";
import type { FleetRecord } from "../fleet-record.ts";
import type { FleetRequest } from "../request.ts";
import { fleetData } from "./fleet-data.ts";
import { fleetLabel, fleetName, jobManifest, manifestName, nodeLabels } from "./manifest.ts";
import { clientsOf } from "./pods.ts";

/** Kubernetes: an indexed Job, with a ConfigMap and a Secret that go when it goes. */
export const k8s: BatchSystem = {
  name: "k8s",
  summary: "pods of a Kubernetes Job (kubectl); --image has the program",
  elsewhere: true,
  runsFrom: "image",

  problems: (request) => [...needs(request), ...meaningless(request)],

  write: (request) => ({ main: { name: manifestName, text: jobManifest(request), mode: 0o644 }, others: [] }),

  async submit(request, mainFile, { run }) {
    const name = fleetName(request);
    const made = await mustRun(run, [
      ...["kubectl", "create", `--filename=${mainFile}`],
      "--output=jsonpath={.metadata.namespace} {.metadata.uid}",
    ]).catch((error: unknown) => {
      throw new UsageError(`${messageOf(error)}\nNothing was started. ${mainFile} says which commands do it by hand.`);
    });
    const [namespace = "", uid = ""] = made.trim().split(" ");
    try {
      // Its pods wait for these.
      await mustRun(run, ["kubectl", "create", `--namespace=${namespace}`, "--filename=-"], await fleetData(request, { uid }));
    } catch (error) {
      await run(["kubectl", "delete", "job", `--namespace=${namespace}`, "--wait=false", name]);
      throw error;
    }
    return { id: { namespace, job: name }, said: `${request.jobs} pods asked for as job ${name} in namespace ${namespace}` };
  },

  async status(record, { run }) {
    const { namespace, job } = idOf(record);
    const selector = `--selector=${fleetLabel}=${job}`;
    const text = await mustRun(run, ["kubectl", "get", "jobs,pods", `--namespace=${namespace}`, selector, "--output=json"]);
    return clientsOf(text, job, record.jobs);
  },

  async stop(record, { run }: LaunchContext) {
    const { namespace, job } = idOf(record);
    const flags = [`--namespace=${namespace}`, "--ignore-not-found", "--wait=false"];
    const printed = await mustRun(run, ["kubectl", "delete", "job", ...flags, job]);
    return printed.trim() === "" ? `job ${job}: no client was left` : `job ${job}: all its pods are being taken away`;
  },
};

const idOf = ({ id }: FleetRecord): { readonly namespace: string; readonly job: string } => ({
  namespace: String(id["namespace"]),
  job: String(id["job"]),
});

function needs({ image, startup, requirements }: FleetRequest): readonly string[] {
  return [
    ...(image === undefined
      ? ["--image is missing: with --on k8s it names the engine's image as the cluster pulls it (docs/deployment.md)"]
      : []),
    ...startup
      .filter(({ directory }) => directory)
      .map(({ path }) => `--client-startup-json ${path} is not allowed: with --on k8s it takes files, no directory`),
    ...(requirements !== undefined && nodeLabels(requirements) === undefined
      ? [
          `--requirements ${requirements} is not allowed: with --on k8s it takes labels of nodes, KEY=VALUE,KEY=VALUE, for example disktype=ssd`,
        ]
      : []),
  ];
}

function meaningless(request: FleetRequest): readonly string[] {
  const never: readonly (readonly [string, unknown])[] = [
    ["--priority", request.priority],
    ["--accounting-group", request.accountingGroup],
    ["--collector", request.collector],
    ["--schedd", request.schedd],
  ];
  return [
    ...never.filter(([, value]) => value !== undefined).map(([flag]) => `${flag} has no meaning with --on k8s: leave it out`),
    ...(request.clientArguments.includes("--debug-directory")
      ? ["--client-args debug-directory: a pod's files go with it; leave it out with --on k8s"]
      : []),
  ];
}
