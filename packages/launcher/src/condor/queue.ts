import { UsageError, parseForeignJson } from "@skyscan/runtime";
import { z } from "zod";
import type { FleetClient } from "../batch-system.ts";
import { mustRun } from "../command.ts";
import type { RunCommand } from "../command.ts";
import type { FleetRecord } from "../fleet-record.ts";

const jobSchema = z.object({
  ClusterId: z.int(),
  ProcId: z.int(),
  JobStatus: z.int(),
  RemoteHost: z.string().optional(),
  LastRemoteHost: z.string().optional(),
  HoldReason: z.string().optional(),
  RemoveReason: z.string().optional(),
  ExitCode: z.int().optional(),
  ExitBySignal: z.boolean().optional(),
  NumJobStarts: z.int().optional(),
});
type Job = z.infer<typeof jobSchema>;

const attributes = Object.keys(jobSchema.shape).join(",");

/** Where the schedd is, when it is not this machine's. */
export const scheddFlags = (place: { readonly collector?: unknown; readonly schedd?: unknown }): readonly string[] => [
  ...(typeof place.collector === "string" ? ["-pool", place.collector] : []),
  ...(typeof place.schedd === "string" ? ["-name", place.schedd] : []),
];

/** The jobs of a cluster: those in the queue, then those that have left it. */
export async function clusterJobs(record: FleetRecord, run: RunCommand): Promise<readonly FleetClient[]> {
  const asked = async (command: string): Promise<readonly Job[]> =>
    parseJobs(
      await mustRun(run, [command, ...scheddFlags(record.id), "-json", "-attributes", attributes, String(record.id["cluster"])]),
      command,
    );
  const jobs = [...(await asked("condor_q")), ...(await asked("condor_history"))];
  // One that leaves the queue in between is in both.
  return [...new Map(jobs.map((job) => [job.ProcId, job])).values()].sort((a, b) => a.ProcId - b.ProcId).map(clientOf);
}

/** Of nothing, HTCondor prints nothing. */
function parseJobs(text: string, command: string): readonly Job[] {
  if (text.trim() === "") return [];
  try {
    return z.array(jobSchema).parse(parseForeignJson(text));
  } catch (error) {
    throw new UsageError(`${command} printed what is no list of jobs`, { cause: error });
  }
}

/** JobStatus: 1 idle, 2 running, 3 removed, 4 completed, 5 held, 6 transferring output, 7 suspended. */
const stateOf = (status: number): FleetClient["state"] =>
  status === 5 ? "held" : status === 3 || status === 4 ? "ended" : status === 1 ? "idle" : "running";

/** The submit description has one reason of its own to remove a job. */
const removal = (reason: string | undefined): string | undefined =>
  reason?.includes("PeriodicRemove expression") === true ? "its time was over (--time-limit)" : reason;

function clientOf(job: Job): FleetClient {
  const state = stateOf(job.JobStatus);
  const host = (job.RemoteHost ?? job.LastRemoteHost)?.replace(/^[^@]*@/, "");
  const why = state === "held" ? job.HoldReason : state === "ended" ? removal(job.RemoveReason) : undefined;
  const exitStatus = job.ExitBySignal === true ? null : job.ExitCode;
  return {
    name: `${job.ClusterId}.${job.ProcId}`,
    state,
    ...(host !== undefined && { host }),
    ...(why !== undefined && { why }),
    ...(exitStatus !== undefined && { exitStatus }),
    ...(job.NumJobStarts !== undefined && { starts: job.NumJobStarts }),
  };
}
