import { basename, join } from "node:path";
import { clientWords } from "../request.ts";
import type { FleetRequest } from "../request.ts";
import { avoidance, retryLines } from "./policy.ts";
import { classAdString, condorArguments, condorEnvironment, condorPaths } from "./submit-language.ts";

export const scriptName = "run-client.sh";
export const submitName = "clients.sub";
/** HTCondor's own log of the jobs, and what each wrote. */
const logName = "client.log";

/** Images there are found by IceCube's and OSG's pools alone, which look at an attribute of their own, and hold IceTray, which wants AVX. */
const iceCubesImages = "/cvmfs/icecube.opensciencegrid.org/";
const iceCubesRequirements = "HAS_CVMFS_icecube_opensciencegrid_org && has_avx";

/** What goes to the job, by the name that it has there. */
export function transferred(request: FleetRequest): readonly string[] {
  return [
    ...(request.program.kind === "tarball" ? [request.program.path] : []),
    ...request.startup.map(({ path }) => path),
    ...Object.values(request.environmentFiles),
  ];
}

/** The submit description: readable, without secrets, and complete: `condor_submit` of it by hand does what `start-clients` does. */
export function submitDescription(request: FleetRequest): string {
  const environment = {
    EWMS_PILOT_QUARANTINE_TIME: "1800",
    ...request.environment,
    ...Object.fromEntries(Object.entries(request.environmentFiles).map(([name, path]) => [name, basename(path)])),
  };
  const lines = [
    `# ${request.jobs} clients of ${request.scanIds.join(", ")}; made by skyscan start-clients, ${request.started}.`,
    "# No secret is in here. By hand:  condor_submit clients.sub",
    "# Another number of jobs, or another time to rest:  condor_submit jobs=10 rest_sec=60 clients.sub",
    "",
    ...universe(request),
    `batch_name = skyscan ${request.scanIds.join(" ")}`.slice(0, 250),
    `initialdir = ${condorPaths([request.directory])}`,
    ...executable(request),
    `arguments = ${condorArguments(
      clientWords(
        request,
        request.startup.map(({ path }) => basename(path)),
      ),
    )}`,
    "",
    "# What a client says, and HTCondor's own log. Attributes that tell what became of a job are logged with each event.",
    "output = client-$(ProcId).out",
    "error = client-$(ProcId).err",
    `log = ${logName}`,
    "job_ad_information_attrs = RemoteHost, NumJobStarts, ExitCode, ExitSignal, HoldReasonSubCode",
    "notification = Never",
    "",
    "# What goes along: read here each time that a job starts. Nothing comes back. A broker's token is a file of its own, its owner's alone.",
    "should_transfer_files = YES",
    `transfer_input_files = ${condorPaths(transferred(request))}`,
    'transfer_output_files = ""',
    `environment = ${condorEnvironment(environment)}`,
    "",
    "# What each client needs.",
    `request_cpus = ${request.cpus}`,
    `request_memory = ${request.memoryMib}M`,
    `request_disk = ${request.diskMib}M`,
    ...requirements(request),
    ...(request.priority === undefined ? [] : [`priority = ${request.priority}`]),
    ...(request.accountingGroup === undefined
      ? []
      : [`accounting_group = ${request.accountingGroup}`, `accounting_group_user = ${request.user}`]),
    "",
    ...retryLines,
    "",
    "# A job that is taken away is told so, and has time to hand back what it holds.",
    "kill_sig = SIGTERM",
    "want_graceful_removal = True",
    "job_max_vacate_time = 30",
    ...(request.timeLimitSec === undefined
      ? []
      : [
          "# --time-limit",
          `periodic_remove = (JobStatus == 2) && (time() - JobCurrentStartExecutingDate > ${request.timeLimitSec})`,
        ]),
    "",
    `queue $(jobs:${request.jobs})`,
    "",
  ];
  return lines.join("\n");
}

function universe({ image }: FleetRequest): readonly string[] {
  if (image === undefined) return ["universe = vanilla"];
  if (image.startsWith("/cvmfs/")) return ["universe = vanilla", `+SingularityImage = ${classAdString(image)}`];
  return ["universe = container", `container_image = ${condorPaths([image])}`];
}

/** Absolute: HTCondor looks for it where it is submitted from, not in `initialdir`. */
function executable({ directory, program }: FleetRequest): readonly string[] {
  switch (program.kind) {
    case "tarball":
      return [`executable = ${condorPaths([join(directory, scriptName)])}`];
    case "directory":
      return [`executable = ${condorPaths([`${program.path}/bin/skyscan`])}`, "transfer_executable = False"];
    case "installed":
      throw new Error("a client elsewhere needs a bundle");
  }
}

function requirements(request: FleetRequest): readonly string[] {
  const asked = request.requirements ?? (request.image?.startsWith(iceCubesImages) === true ? iceCubesRequirements : undefined);
  return [
    "# Who was sent away by a machine waits for another one, for a while.",
    "job_machine_attrs = Machine",
    `requirements = ${asked === undefined ? "" : `(${asked}) && `}(${avoidance})`,
  ];
}
