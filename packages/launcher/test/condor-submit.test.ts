import { describe, expect, it, test } from "vitest";
import { batchSystem } from "@skyscan/launcher";
import type { FleetRequest } from "@skyscan/launcher";
import { fleetRequest } from "./fleet-request.ts";

const condor = batchSystem("condor");
const description = (different: Partial<FleetRequest> = {}): string => condor.write(fleetRequest(different)).main.text;
/** The lines that set a key, without spaces around the `=`. */
const linesOf = (key: string, text: string): readonly string[] =>
  text.split("\n").filter((line) => line.startsWith(`${key} = `) || line.startsWith(`${key} `));

test("the submit description of 300 clients", () => {
  expect(description())
    .toBe(`# 300 clients of run1.evt2.neutrino-pandel_spe-8-0123abcd; made by skyscan start-clients, 2026-11-22T08:00:00Z.
# No secret is in here. By hand:  condor_submit clients.sub
# Another number of jobs, or another time to rest:  condor_submit jobs=10 rest_sec=60 clients.sub

universe = vanilla
batch_name = skyscan run1.evt2.neutrino-pandel_spe-8-0123abcd
initialdir = /home/ana/logs/skyscan-2026-11-22T08-00-00Z
executable = /home/ana/logs/skyscan-2026-11-22T08-00-00Z/run-client.sh
arguments = "client --client-startup-json client-startup.json --slots 1"

# What a client says, and HTCondor's own log. Attributes that tell what became of a job are logged with each event.
output = client-$(ProcId).out
error = client-$(ProcId).err
log = client.log
job_ad_information_attrs = RemoteHost, NumJobStarts, ExitCode, ExitSignal, HoldReasonSubCode
notification = Never

# What goes along: read here each time that a job starts. Nothing comes back. A broker's token is a file of its own, its owner's alone.
should_transfer_files = YES
transfer_input_files = /home/ana/logs/skyscan-2026-11-22T08-00-00Z/skyscan.tar.gz, /home/ana/client-startup.json
transfer_output_files = ""
environment = "EWMS_PILOT_QUARANTINE_TIME=1800"

# What each client needs.
request_cpus = 1
request_memory = 8192M
request_disk = 2048M
# Who was sent away by a machine waits for another one, for a while.
job_machine_attrs = Machine
requirements = ((LastHoldReasonCode =!= 3) || (TARGET.Machine =!= MachineAttrMachine0) || (time() - EnteredCurrentStatus > $(avoid_sec:1800)))

# Done (0, 3): the job leaves the queue. By chance (1, 4, 5, killed): started again.
on_exit_remove = (ExitBySignal == False) && (ExitCode == 0 || ExitCode == 3)
max_retries = 10
# A host that is no good (6, 7): held for a rest, then released. To be mended by you (2): held; condor_release when it is.
on_exit_hold = (ExitBySignal == False) && (ExitCode == 2 || ExitCode == 6 || ExitCode == 7)
on_exit_hold_reason = ifThenElse(ExitCode == 2, "status 2: wrong usage, no startup file, or the broker refuses what it was given", ifThenElse(ExitCode == 6, "status 6: its scratch directory cannot be written", ifThenElse(ExitCode == 7, "status 7: told to leave, or its recos cannot start there", "?")))
on_exit_hold_subcode = ExitCode
periodic_release = (HoldReasonCode == 3) && (HoldReasonSubCode == 6 || HoldReasonSubCode == 7) && (NumJobStarts < 20) && (time() - EnteredCurrentStatus > $(rest_sec:300))

# A job that is taken away is told so, and has time to hand back what it holds.
kill_sig = SIGTERM
want_graceful_removal = True
job_max_vacate_time = 30

queue $(jobs:300)
`);
});

const images = "/cvmfs/icecube.opensciencegrid.org";

describe("flags in the submit description", () => {
  it.each<[string, Partial<FleetRequest>, readonly string[]]>([
    ["--image below /cvmfs/icecube…", { image: `${images}/x:y` }, ["universe = vanilla", `+SingularityImage = "${images}/x:y"`]],
    [
      "--image docker://…",
      { image: "docker://example.org/x:1" },
      ["universe = container", "container_image = docker://example.org/x:1"],
    ],
    ["--image FILE.sif", { image: "/data/x.sif" }, ["universe = container", "container_image = /data/x.sif"]],
    ["--cpus and --slots-per-client", { cpus: 4, slotsPerClient: 4 }, ["request_cpus = 4"]],
    ["--priority", { priority: -5 }, ["priority = -5"]],
    ["--accounting-group", { accountingGroup: "IceCube" }, ["accounting_group = IceCube", "accounting_group_user = ana"]],
    [
      "--time-limit",
      { timeLimitSec: 3600 },
      ["periodic_remove = (JobStatus == 2) && (time() - JobCurrentStartExecutingDate > 3600)"],
    ],
    [
      "--bundle DIRECTORY",
      { program: { kind: "directory", path: "/cvmfs/x/skyscan" } },
      [
        "executable = /cvmfs/x/skyscan/bin/skyscan",
        "transfer_executable = False",
        "transfer_input_files = /home/ana/client-startup.json",
      ],
    ],
    [
      "a token",
      { environmentFiles: { SKYSCAN_BROKER_AUTH_FILE: "/home/ana/.my-token" } },
      ['environment = "EWMS_PILOT_QUARANTINE_TIME=1800 SKYSCAN_BROKER_AUTH_FILE=.my-token"'],
    ],
    [
      "EWMS_PILOT_QUARANTINE_TIME",
      { environment: { EWMS_PILOT_QUARANTINE_TIME: "60" } },
      ['environment = "EWMS_PILOT_QUARANTINE_TIME=60"'],
    ],
  ])("%s", (_, different, lines) => {
    const text = description(different).split("\n");
    for (const line of lines) expect(text).toContain(line);
  });

  it("requirements: those of IceCube's images for IceCube's images, what is asked for otherwise", () => {
    const of = (different: Partial<FleetRequest>): string => linesOf("requirements", description(different))[0]!;
    expect(of({ image: `${images}/x:y` })).toContain("(HAS_CVMFS_icecube_opensciencegrid_org && has_avx) && ");
    expect(of({ image: `${images}/x:y`, requirements: "has_avx2" })).toMatch(/^requirements = \(has_avx2\) && \(\(LastHold/);
    expect(of({ image: "/cvmfs/singularity.opensciencegrid.org/x:y" })).toMatch(/^requirements = \(\(LastHold/);
  });

  it("words with spaces, quotes and dollar signs reach the client as they are", () => {
    const [line] = linesOf("arguments", description({ clientArguments: ["--reco-path", `it's "a" $(HOME)`] }));
    expect(line).toBe(
      `arguments = "client --client-startup-json client-startup.json --slots 1 --reco-path 'it''s ""a"" $(DOLLAR)(HOME)'"`,
    );
  });
});

it.each<[Partial<FleetRequest>, RegExp]>([
  [{ startup: [{ path: "/a,b/client-startup.json", directory: false }] }, /no comma/],
  [
    { startup: ["/a/client-startup.json", "/b/client-startup.json"].map((path) => ({ path, directory: false })) },
    /several files that go along are called client-startup.json/,
  ],
  [{ clientArguments: ["--debug-directory", "debug"] }, /give an absolute path/],
])("what HTCondor cannot do is said before anything is submitted: %j", (different, problem) => {
  expect(condor.problems(fleetRequest(different))).toEqual([expect.stringMatching(problem)]);
  expect(condor.problems(fleetRequest())).toEqual([]);
});
