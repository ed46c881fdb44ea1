import { UsageError, parseForeignJson } from "@skyscan/runtime";
import { z } from "zod";
import type { FleetClient } from "../batch-system.ts";

const waitingSchema = z.object({ reason: z.string().optional(), message: z.string().optional() });
const podSchema = z.object({
  kind: z.literal("Pod"),
  metadata: z.object({
    creationTimestamp: z.string(),
    annotations: z.record(z.string(), z.string()).default({}),
    deletionTimestamp: z.string().optional(),
  }),
  spec: z.object({ nodeName: z.string().optional() }),
  status: z.object({
    phase: z.string().default("Unknown"),
    reason: z.string().optional(),
    containerStatuses: z
      .array(
        z.object({
          state: z.object({
            waiting: waitingSchema.optional(),
            terminated: z.object({ exitCode: z.int(), signal: z.int().optional(), reason: z.string().optional() }).optional(),
          }),
        }),
      )
      .default([]),
  }),
});
const jobSchema = z.object({
  kind: z.literal("Job"),
  status: z.object({
    failedIndexes: z.string().default(""),
    conditions: z.array(z.object({ type: z.string(), status: z.string(), message: z.string().optional() })).default([]),
  }),
});
const listSchema = z.object({ items: z.array(z.discriminatedUnion("kind", [podSchema, jobSchema])) });
type Pod = z.infer<typeof podSchema>;
type Job = z.infer<typeof jobSchema>;

const indexAnnotation = "batch.kubernetes.io/job-completion-index";

/** The clients of a Job, from what `kubectl get jobs,pods -o json` printed. @throws UsageError */
export function clientsOf(text: string, name: string, jobs: number): readonly FleetClient[] {
  let items: readonly (Pod | Job)[];
  try {
    items = listSchema.parse(parseForeignJson(text)).items;
  } catch (error) {
    throw new UsageError("kubectl printed what is no list of jobs and pods", { cause: error });
  }
  const job = items.find((item) => item.kind === "Job");
  const given = indexes(job?.status.failedIndexes ?? "");
  const over = job?.status.conditions.find(({ type, status }) => status === "True" && (type === "Complete" || type === "Failed"));
  const pods = items
    .filter((item) => item.kind === "Pod")
    .sort((a, b) => a.metadata.creationTimestamp.localeCompare(b.metadata.creationTimestamp));
  return Array.from({ length: jobs }, (_, index) => {
    const own = pods.filter(({ metadata }) => metadata.annotations[indexAnnotation] === String(index));
    const pod = own.at(-1);
    if (pod === undefined) return { name: `${name}-${index}`, ...withoutPod(job, over?.message) };
    return {
      name: `${name}-${index}`,
      ...stateOf(pod, over !== undefined || given.has(index)),
      ...(pod.spec.nodeName !== undefined && { host: pod.spec.nodeName }),
      starts: own.length,
    };
  });
}

function withoutPod(job: Job | undefined, over: string | undefined): Pick<FleetClient, "state" | "why"> {
  if (job === undefined) return { state: "ended", why: "its Job is gone: it was stopped, or is over for longer than a day" };
  return over === undefined ? { state: "idle" } : { state: "ended", why: over };
}

/** `final`: nothing is started in its place any more. */
function stateOf({ metadata, status }: Pod, final: boolean): Pick<FleetClient, "state" | "why" | "exitStatus"> {
  const { waiting, terminated } = status.containerStatuses[0]?.state ?? {};
  switch (status.phase) {
    case "Running":
      return { state: "running" };
    case "Pending":
      return mendable(waiting) ?? { state: "idle" };
    case "Succeeded":
      return { state: "ended", exitStatus: 0 };
    default: {
      const exitStatus = terminated === undefined || terminated.exitCode > 128 ? null : terminated.exitCode;
      const why = status.reason ?? (terminated?.reason === "Error" ? undefined : terminated?.reason);
      if (!final && metadata.deletionTimestamp === undefined)
        return { state: "held", exitStatus, why: "rests before it is started again" };
      return { state: "ended", exitStatus, ...(why !== undefined && { why }) };
    }
  }
}

/** A pod that waits for a person: its image is not to be had, its Secret is not there. */
function mendable(waiting: z.infer<typeof waitingSchema> | undefined): Pick<FleetClient, "state" | "why"> | undefined {
  const reason = waiting?.reason;
  if (reason === undefined || reason === "ContainerCreating" || reason === "PodInitializing") return undefined;
  return { state: "held", why: waiting?.message === undefined ? reason : `${reason}: ${waiting.message}` };
}

/** `0-3,7` as numbers. */
function indexes(text: string): ReadonlySet<number> {
  const found = new Set<number>();
  for (const [, first, last = first] of text.matchAll(/(\d+)(?:-(\d+))?/g)) {
    for (let index = Number(first); index <= Number(last); index += 1) found.add(index);
  }
  return found;
}
