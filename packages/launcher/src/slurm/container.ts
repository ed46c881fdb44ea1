import { dirname, isAbsolute } from "node:path";
import type { FleetRequest } from "../request.ts";
import { shellQuoted } from "../shell-words.ts";

/** What the client reads and writes, which is mounted where it is. Of a startup file its directory: the file changes by being replaced. */
function mounts({
  directory,
  program,
  startup,
  environment,
  environmentFiles,
  clientArguments,
}: FleetRequest): readonly string[] {
  const written = [directory, ...clientArguments.filter(isAbsolute)];
  const read = [
    ...(program.kind === "directory" ? [program.path] : []),
    ...startup.map((source) => (source.directory ? source.path : dirname(source.path))),
    ...Object.values(environmentFiles),
    ...(environment["SKYSCAN_RECO_PATH"] ?? "").split(":").filter(isAbsolute),
  ];
  return [...new Set([...written, ...read])].map((path) => `${path}:${path}${written.includes(path) ? "" : ":ro"}`);
}

/** What of the request cannot be mounted, one line each. */
export const mountProblems = (request: FleetRequest): readonly string[] =>
  mounts(request)
    .filter((mount) => mount.split(":").length > 3 || mount.includes(","))
    .map((mount) => `${mount}: Apptainer and Singularity cannot mount a path with a colon or a comma: use another directory`);

/** `container`: the words in front of a command that is to run in the image, as HTCondor runs it there: not by the image's own run script. */
export function containerLines(request: FleetRequest, image: string): readonly string[] {
  const names = ["TMPDIR", ...Object.keys(request.environment), ...Object.keys(request.environmentFiles)];
  return [
    "# In the container, which gets the variables above and nothing else of this environment.",
    'runtime=$(command -v apptainer || command -v singularity) || { echo "skyscan: there is no apptainer here, and no singularity" >&2; finish 7; }',
    `for name in ${names.join(" ")}; do`,
    '    export "APPTAINERENV_$name=${!name}" "SINGULARITYENV_$name=${!name}"',
    "done",
    "container=(",
    '    "$runtime" exec --cleanenv',
    `    --pwd ${shellQuoted(request.directory)}`,
    '    --bind "$scratch"',
    ...mounts(request).map((mount) => `    --bind ${shellQuoted(mount)}`),
    `    ${shellQuoted(image)}`,
    ")",
  ];
}
