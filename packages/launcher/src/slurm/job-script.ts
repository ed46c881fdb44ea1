import { exportLines } from "../export-lines.ts";
import { clientWords } from "../request.ts";
import type { FleetRequest } from "../request.ts";
import { shellQuoted } from "../shell-words.ts";
import { containerLines } from "./container.ts";
import { finishFunction } from "./policy.ts";

export const scriptName = "clients.sbatch";

/** How long before a job's time is over its client is told, seconds; Slurm looks once a minute, so up to a minute earlier. */
const warnSec = 60;

/** A value of `#SBATCH`, which knows double quotes as a shell does. */
const directiveValue = (text: string): string =>
  /^[\w@%+=:,./&|()[\]*!-]+$/.test(text) ? text : `"${text.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`;

/** One task of the array: readable, without secrets, and complete: `sbatch` of it by hand does what `start-clients` does. */
export function jobScript(request: FleetRequest): string {
  const { startup, timeLimitSec, image } = request;
  const words = clientWords(
    request,
    startup.map(({ path }) => path),
  );
  const lines = [
    "#!/bin/bash",
    `# ${request.jobs} clients of ${request.scanIds.join(", ")}; made by skyscan start-clients, ${request.started}.`,
    `# No secret is in here. By hand:  sbatch --export=NONE ${scriptName}`,
    `# Another number of clients, another partition:  sbatch --export=NONE --array=0-9 --partition=long ${scriptName}`,
    "",
    "#SBATCH --job-name=skyscan",
    `#SBATCH --array=0-${request.jobs - 1}`,
    "# What a client says.",
    `#SBATCH --chdir=${directiveValue(request.directory)}`,
    "#SBATCH --output=client-%a.out",
    "#SBATCH --error=client-%a.err",
    "#SBATCH --open-mode=append",
    "",
    ...needs(request),
    "",
    "# Nothing of the environment where this is submitted goes along: a token could be in it.",
    "#SBATCH --export=NONE",
    "# Whom Slurm takes away for others, or whose node fails, is queued again. Before a job's time is over, its script is told.",
    "#SBATCH --requeue",
    `#SBATCH --signal=B:USR1@${warnSec}`,
    "",
    "set -u",
    "",
    ...finishFunction,
    "",
    "# Slurm tells all processes of a job to end, the client too; of the end of its time it tells this script alone.",
    timeLimitSec === undefined
      ? "# Whose time is over hands back what it holds, and is queued again."
      : "# Whose --time-limit is over hands back what it holds, and is not started again.",
    "over='' client=''",
    "trap : TERM",
    `trap '${timeLimitSec === undefined ? "" : "over=yes; "}[ -z "$client" ] || pkill -TERM --parent "$client"' USR1`,
    "",
    ...program(request),
    "",
    'export TMPDIR="$scratch"',
    ...exportLines(request),
    ...(image === undefined ? [] : ["", ...containerLines(request, image)]),
    "",
    "# In a shell of its own, that waits for it whatever it hears: a wait that a signal ends may lose the status.",
    "(",
    "    trap : TERM",
    `    ${[...(image === undefined ? [] : ['"${container[@]}"']), '"$program"', ...words.map(shellQuoted)].join(" ")}`,
    `    echo "$?" >"$scratch/status"`,
    ") &",
    "client=$!",
    'while kill -0 "$client" 2>/dev/null; do wait "$client"; done',
    'status=$(cat "$scratch/status") || status=137',
    'finish "$status"',
    "",
  ];
  return lines.join("\n");
}

function needs(request: FleetRequest): readonly string[] {
  const { timeLimitSec, accountingGroup, requirements, priority } = request;
  return [
    "# What each client needs. (--disk is not asked for: most clusters do not count it, and would then refuse the job.)",
    "#SBATCH --nodes=1",
    "#SBATCH --ntasks=1",
    `#SBATCH --cpus-per-task=${request.cpus}`,
    `#SBATCH --mem=${request.memoryMib}M`,
    ...(timeLimitSec === undefined ? [] : [`#SBATCH --time=${Math.ceil(timeLimitSec / 60)}`]),
    ...(accountingGroup === undefined ? [] : [`#SBATCH --account=${directiveValue(accountingGroup)}`]),
    ...(requirements === undefined ? [] : [`#SBATCH --constraint=${directiveValue(requirements)}`]),
    ...(priority === undefined ? [] : [`#SBATCH --nice=${-priority}`]),
  ];
}

function program({ program: from }: FleetRequest): readonly string[] {
  const scratch = [
    "# What a client writes for itself goes with the job.",
    'scratch=$(mktemp -d "${TMPDIR:-/tmp}/skyscan-XXXXXXXX") || finish 6',
    `trap 'rm -rf -- "$scratch"' EXIT`,
  ];
  switch (from.kind) {
    case "tarball":
      return [
        ...scratch,
        "program=$scratch/bundle/bin/skyscan",
        `{ mkdir "$scratch/bundle" && tar -xzf ${shellQuoted(from.path)} -C "$scratch/bundle" --strip-components=1; } || finish 6`,
      ];
    case "directory":
      return [...scratch, `program=${shellQuoted(`${from.path}/bin/skyscan`)}`];
    case "installed":
      throw new Error("a client elsewhere needs a bundle");
  }
}
