import { UsageError } from "@skyscan/runtime";
import type { BatchSystem } from "../batch-system.ts";
import { commandFailed, mustRun } from "../command.ts";
import { mountProblems } from "./container.ts";
import { jobScript, scriptName } from "./job-script.ts";
import { arrayTasks, clusterFlags } from "./queue.ts";

/** Slurm: an array job. All paths, the fleet's directory among them, are of a file system that its nodes share. */
export const slurm: BatchSystem = {
  name: "slurm",
  summary: "an array job of Slurm (sbatch, squeue, scancel)",
  elsewhere: true,
  runsFrom: "bundle",

  problems(request) {
    const condors = [
      ["--collector", request.collector],
      ["--schedd", request.schedd],
    ] as const;
    return [
      ...condors
        .filter(([, value]) => value !== undefined)
        .map(([flag]) => `${flag} is HTCondor's: leave it out with --on slurm`),
      ...(request.priority !== undefined && request.priority > 0
        ? [
            `--priority ${request.priority} is not allowed: with --on slurm it takes 0 or less, since Slurm lets nobody put himself in front`,
          ]
        : []),
      ...(request.image === undefined ? [] : mountProblems(request)),
    ];
  },

  write: (request) => ({ main: { name: scriptName, text: jobScript(request), mode: 0o755 }, others: [] }),

  async submit(request, mainFile, { run }) {
    // Said here again: a variable of this environment, SBATCH_EXPORT, would be stronger than the script.
    const printed = await mustRun(run, ["sbatch", "--parsable", "--export=NONE", mainFile]);
    const [, job, cluster] = /^(\d+)(?:;(\S+))?$/m.exec(printed) ?? [];
    if (job === undefined) throw new UsageError(`sbatch did not say which job it made: ${printed.trim()}`);
    return {
      id: { job: Number(job), ...(cluster !== undefined && { cluster }) },
      said: `${request.jobs} tasks submitted as array job ${job}`,
    };
  },

  status: (record, context) => arrayTasks(record, context),

  async stop(record, { run }) {
    const job = String(record.id["job"]);
    const { status, stderr } = await run(["scancel", ...clusterFlags(record.id), job]);
    if (status === 0) return `job ${job}: all its tasks are being taken away`;
    if (/invalid job id/i.test(stderr)) return `job ${job}: no task was left`;
    throw commandFailed(`scancel ${job}`, status, stderr.trim());
  },
};
