import { open } from "node:fs/promises";
import { join } from "node:path";
import { UsageError, codeOf } from "@skyscan/runtime";
import type { FleetClient, LaunchContext } from "../batch-system.ts";
import { commandFailed } from "../command.ts";
import type { CommandEnd } from "../command.ts";
import type { FleetRecord } from "../fleet-record.ts";
import { endLine } from "./policy.ts";

/** A task of the array, as Slurm tells of it. */
interface Task {
  readonly state: string;
  /** Why it waits. */
  readonly reason: string;
  readonly node: string;
  readonly restarts: number;
}

/** Which of several clusters that share one `sbatch`. */
export const clusterFlags = (id: FleetRecord["id"]): readonly string[] =>
  id["cluster"] === undefined ? [] : [`--clusters=${id["cluster"]}`];

const squeueFormat = ["ArrayTaskID", "State", "Reason", "NodeList", "RestartCnt"].map((name) => `${name}:|`).join(",");

/** The tasks of a fleet's array: what `squeue` has, what `sacct` knows of the others, and what their logs say. */
export async function arrayTasks(
  record: FleetRecord,
  context: Pick<LaunchContext, "run" | "logger">,
): Promise<readonly FleetClient[]> {
  const job = String(record.id["job"]);
  const tasks = new Map(await queued(job, record, context));
  if (tasks.size < record.jobs) {
    for (const [index, task] of await accounted(job, record, context)) if (!tasks.has(index)) tasks.set(index, task);
  }
  return Promise.all(
    Array.from({ length: record.jobs }, (_, index) => clientOf(`${job}_${index}`, tasks.get(index), index, record.directory)),
  );
}

const linesOf = ({ stdout }: CommandEnd): readonly (readonly string[])[] =>
  stdout
    .split("\n")
    .filter((line) => line.includes("|"))
    .map((line) => line.split("|").map((word) => word.trim()));

async function queued(
  job: string,
  { id }: FleetRecord,
  { run }: Pick<LaunchContext, "run">,
): Promise<readonly (readonly [number, Task])[]> {
  const argv = [
    "squeue",
    ...clusterFlags(id),
    "--noheader",
    "--array",
    "--states=all",
    `--jobs=${job}`,
    `--Format=${squeueFormat}`,
  ];
  const end = await run(argv);
  // Slurm forgets a job some minutes after its end.
  if (end.status !== 0 && !/invalid job id/i.test(end.stderr)) throw commandFailed("squeue", end.status, end.stderr.trim());
  return linesOf(end).map(([index, state = "", reason = "", node = "", restarts]) => [
    Number(index),
    { state, reason, node, restarts: Number(restarts) },
  ]);
}

async function accounted(
  job: string,
  { id }: FleetRecord,
  { run, logger }: Pick<LaunchContext, "run" | "logger">,
): Promise<readonly (readonly [number, Task])[]> {
  const fields = "--format=JobID,State,NodeList,Restarts";
  const argv = ["sacct", ...clusterFlags(id), "--noheader", "--parsable2", "--allocations", "--array", `--jobs=${job}`, fields];
  const end = await run(argv).catch((error: unknown): CommandEnd => ({ status: 1, stdout: "", stderr: String(error) }));
  if (end.status !== 0) {
    logger.info(
      { reason: end.stderr.trim() },
      "sacct keeps no accounts here: of clients that Slurm has forgotten, their own logs tell",
    );
    return [];
  }
  return linesOf(end).flatMap(([name = "", state = "", node = "", restarts = "0"]) => {
    const index = /_(\d+)$/.exec(name)?.[1];
    // "CANCELLED by 1000"
    return index === undefined
      ? []
      : [[Number(index), { state: state.replace(/ .*/, ""), reason: "", node, restarts: Number(restarts) }]];
  });
}

async function clientOf(name: string, task: Task | undefined, index: number, directory: string): Promise<FleetClient> {
  const state = stateOf(task);
  const starts = task === undefined ? undefined : task.restarts + (state === "idle" || state === "held" ? 0 : 1);
  const isFirst = starts === 0 || (starts === 1 && state === "running");
  const end = isFirst ? undefined : await lastEnd(join(directory, `client-${index}.err`));
  const isRunning = state === "running";
  const host = (isRunning ? task?.node : end?.host) ?? task?.node ?? "";
  const why = whyOf(task, name.slice(0, name.indexOf("_")));
  return {
    name,
    state,
    ...(host !== "" && { host }),
    ...(why !== undefined && { why }),
    ...(end !== undefined && !isTaken(task) && { exitStatus: end.status }),
    ...(starts !== undefined && { starts }),
  };
}

const held = /^JobHeld|held/i;
const rests = /^BeginTime/;
/** Slurm does not look at such a job again by itself. */
const fitsNowhere = /^BadConstraints/;
/** For those that are down or drained, which it waits for. */
const waitsForNodes = /^ReqNodeNotAvail/;

/** Slurm's states (squeue(1), JOB STATE CODES). */
function stateOf(task: Task | undefined): FleetClient["state"] {
  switch (task?.state) {
    case "PENDING":
    case "REQUEUED":
    case "REQUEUE_FED":
      return held.test(task.reason) || fitsNowhere.test(task.reason) || (rests.test(task.reason) && task.restarts > 0)
        ? "held"
        : "idle";
    case "REQUEUE_HOLD":
    case "SPECIAL_EXIT":
    case "SUSPENDED":
    case "STOPPED":
    case "RESV_DEL_HOLD":
      return "held";
    case "RUNNING":
    case "CONFIGURING":
    case "COMPLETING":
    case "STAGE_OUT":
    case "SIGNALING":
    case "RESIZING":
      return "running";
    default:
      return "ended";
  }
}

/** What Slurm itself did to it. */
const slurmsDoing: Readonly<Record<string, string>> = {
  CANCELLED: "taken away (scancel)",
  TIMEOUT: "its time was over",
  DEADLINE: "its deadline was over",
  OUT_OF_MEMORY: "it took more memory than --memory",
  NODE_FAIL: "its node failed",
  BOOT_FAIL: "its node did not boot",
  PREEMPTED: "taken away for another job",
};

const isTaken = (task: Task | undefined): boolean => task !== undefined && task.state in slurmsDoing;

function whyOf(task: Task | undefined, job: string): string | undefined {
  if (task === undefined) return undefined;
  const { reason } = task;
  const anyNode = `scontrol update JobId=${job} ExcNodeList= lets those that wait run on any`;
  switch (stateOf(task)) {
    case "held":
      if (rests.test(reason)) return "rests before it is started again";
      if (fitsNowhere.test(reason)) return `no node is left that fits it and that it does not avoid (${reason}): ${anyNode}`;
      return `${reason} (scontrol release)`;
    case "idle":
      return task.restarts > 0 && waitsForNodes.test(reason)
        ? `the nodes that it does not avoid are down or drained (${reason}): ${anyNode}`
        : undefined;
    default:
      return slurmsDoing[task.state];
  }
}

/** More than the last line of a client's log needs. */
const tailBytes = 4096;

/** Where and how a client last ended, as its job script wrote it down. */
async function lastEnd(file: string): Promise<{ readonly host: string; readonly status: number } | undefined> {
  let handle;
  try {
    handle = await open(file);
    const { size } = await handle.stat();
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(tailBytes), 0, tailBytes, Math.max(0, size - tailBytes));
    const found = [...buffer.toString("utf8", 0, bytesRead).matchAll(endLine)].at(-1);
    return found === undefined ? undefined : { host: found[1]!, status: Number(found[2]) };
  } catch (error) {
    if (codeOf(error) === "ENOENT") return undefined;
    throw new UsageError(`${file} cannot be read`, { cause: error });
  } finally {
    await handle?.close();
  }
}
