import { basename } from "node:path";
import { UsageError } from "@skyscan/runtime";
import type { BatchSystem } from "../batch-system.ts";
import { commandFailed, mustRun } from "../command.ts";
import type { FleetRequest } from "../request.ts";
import { clusterJobs, scheddFlags } from "./queue.ts";
import { runClientScript } from "./run-client.ts";
import { scriptName, submitDescription, submitName, transferred } from "./submit-description.ts";
import { cannotBeListed } from "./submit-language.ts";

/** HTCondor: a submit description and its own commands. The clients reach what is transferred to them, and the broker. */
export const condor: BatchSystem = {
  name: "condor",
  summary: "jobs of HTCondor (condor_submit, condor_q, condor_rm)",
  elsewhere: true,
  runsFrom: "bundle",

  problems(request) {
    const files = transferred(request);
    return [
      ...files
        .filter(cannotBeListed)
        .map(
          (path) =>
            `${JSON.stringify(path)} cannot be transferred by HTCondor: a path may hold no comma, quote or control character`,
        ),
      ...sameNames(files).map(
        (name) =>
          `several files that go along are called ${name}: HTCondor puts them into one directory; give them different names`,
      ),
      ...debugDirectoryProblems(request),
    ];
  },

  write(request) {
    const main = { name: submitName, text: submitDescription(request), mode: 0o644 };
    const { program } = request;
    if (program.kind !== "tarball") return { main, others: [] };
    return { main, others: [{ name: scriptName, text: runClientScript(basename(program.path)), mode: 0o755 }] };
  },

  async submit(request, mainFile, { run }) {
    const { collector, schedd } = request;
    const printed = await mustRun(run, ["condor_submit", ...scheddFlags({ collector, schedd }), "-terse", mainFile]);
    const [, cluster] = /^(\d+)\.\d+ - \1\.\d+\s*$/m.exec(printed) ?? [];
    if (cluster === undefined) throw new UsageError(`condor_submit did not say which cluster it made: ${printed.trim()}`);
    return {
      id: {
        cluster: Number(cluster),
        ...(collector !== undefined && { collector }),
        ...(schedd !== undefined && { schedd }),
      },
      said: `${request.jobs} jobs submitted to cluster ${cluster}`,
    };
  },

  status: (record, { run }) => clusterJobs(record, run),

  async stop(record, { run }) {
    const cluster = String(record.id["cluster"]);
    const { status, stderr } = await run(["condor_rm", ...scheddFlags(record.id), cluster]);
    // Status 1, too, when there is nothing left to remove.
    if (status === 0) return `cluster ${cluster}: all jobs are being removed`;
    if (/not found|no jobs|Couldn't find/i.test(stderr)) return `cluster ${cluster}: no job was left`;
    throw commandFailed(`condor_rm ${cluster}`, status, stderr.trim());
  },
};

function sameNames(paths: readonly string[]): readonly string[] {
  const names = paths.map((path) => basename(path));
  return [...new Set(names.filter((name, index) => names.indexOf(name) !== index))];
}

/** What is written into a job's own directory goes with the job. */
function debugDirectoryProblems({ clientArguments }: FleetRequest): readonly string[] {
  const at = clientArguments.indexOf("--debug-directory");
  const path = clientArguments[at + 1];
  return at < 0 || path === undefined || path.startsWith("/")
    ? []
    : [`--client-args debug-directory:${path}: a job's directory goes with it; give an absolute path that the hosts see`];
}
