import { expect, test } from "vitest";
import { batchSystem } from "@skyscan/launcher";
import type { FleetRequest } from "@skyscan/launcher";
import { fleetRequest } from "./fleet-request.ts";

const slurm = batchSystem("slurm");
const scriptOf = (different?: Partial<FleetRequest>): string => slurm.write(fleetRequest(different)).main.text;

test("the script of a job is readable, and holds all that sbatch has to know", () => {
  expect(scriptOf({ environment: { SKYSCAN_LOG: "info" }, environmentFiles: { SKYSCAN_BROKER_AUTH_FILE: "/home/ana/token" } }))
    .toMatchInlineSnapshot(`
      "#!/bin/bash
      # 300 clients of run1.evt2.neutrino-pandel_spe-8-0123abcd; made by skyscan start-clients, 2026-11-22T08:00:00Z.
      # No secret is in here. By hand:  sbatch --export=NONE clients.sbatch
      # Another number of clients, another partition:  sbatch --export=NONE --array=0-9 --partition=long clients.sbatch

      #SBATCH --job-name=skyscan
      #SBATCH --array=0-299
      # What a client says.
      #SBATCH --chdir=/home/ana/logs/skyscan-2026-11-22T08-00-00Z
      #SBATCH --output=client-%a.out
      #SBATCH --error=client-%a.err
      #SBATCH --open-mode=append

      # What each client needs. (--disk is not asked for: most clusters do not count it, and would then refuse the job.)
      #SBATCH --nodes=1
      #SBATCH --ntasks=1
      #SBATCH --cpus-per-task=1
      #SBATCH --mem=8192M

      # Nothing of the environment where this is submitted goes along: a token could be in it.
      #SBATCH --export=NONE
      # Whom Slurm takes away for others, or whose node fails, is queued again. Before a job's time is over, its script is told.
      #SBATCH --requeue
      #SBATCH --signal=B:USR1@60

      set -u

      # Whether Slurm has not taken this job away: then it sees itself to where it runs again. Asked, since a client may end before this script is told to.
      is_mine() {
          [ "$(squeue --noheader --jobs="$1" --format=%T)" = RUNNING ]
      }

      # Whether Slurm has another node for this job than these: one that fits what it needs, and is not down or drained.
      can_avoid() {
          ! LC_ALL=C sbatch --test-only --export=NONE --partition="\${SLURM_JOB_PARTITION:-}" \${SLURM_JOB_QOS:+--qos="$SLURM_JOB_QOS"} \\
              \${SLURM_JOB_RESERVATION:+--reservation="$SLURM_JOB_RESERVATION"} --exclude="$1" "$0" 2>&1 |
              grep -q "node configuration is not available"
      }

      # finish STATUS: ends this job as its client ended, and has it queued again where that is of use.
      finish() {
          echo "skyscan: $SLURMD_NODENAME: client ended with status $1" >&2
          { [ -z "$over" ] && [ "\${SLURM_RESTART_COUNT:-0}" -lt 10 ]; } || exit "$1"
          local task=\${SLURM_ARRAY_JOB_ID}_$SLURM_ARRAY_TASK_ID avoid
          case $1 in
              0 | 3) ;; # done
              2) ;; # nothing gets better until you have done something
              6 | 7) # this node is no good: a rest, then another node while there is one
                  is_mine "$task" || exit "$1"
                  avoid=$(scontrol --oneliner show job "$task" | sed -n 's/.* ExcNodeList=\\([^ (]*\\).*/\\1/p')
                  avoid=\${avoid:+$avoid,}$SLURMD_NODENAME
                  # Slurm would hold a job for ever that no node is left for: it may run on any again.
                  can_avoid "$avoid" || avoid=
                  # Slurm ends this script when its job is queued again: not before it knows where not to run.
                  trap '' TERM
                  scontrol requeue "$task" &&
                      scontrol update JobId="$task" ExcNodeList="$avoid" StartTime=now+300
                  ;;
              *) is_mine "$task" && scontrol requeue "$task" ;; # by chance: started again; Slurm itself waits two minutes
          esac
          exit "$1"
      }

      # Slurm tells all processes of a job to end, the client too; of the end of its time it tells this script alone.
      # Whose time is over hands back what it holds, and is queued again.
      over='' client=''
      trap : TERM
      trap '[ -z "$client" ] || pkill -TERM --parent "$client"' USR1

      # What a client writes for itself goes with the job.
      scratch=$(mktemp -d "\${TMPDIR:-/tmp}/skyscan-XXXXXXXX") || finish 6
      trap 'rm -rf -- "$scratch"' EXIT
      program=$scratch/bundle/bin/skyscan
      { mkdir "$scratch/bundle" && tar -xzf /home/ana/logs/skyscan-2026-11-22T08-00-00Z/skyscan.tar.gz -C "$scratch/bundle" --strip-components=1; } || finish 6

      export TMPDIR="$scratch"
      unset SKYSCAN_BROKER_AUTH
      export SKYSCAN_LOG=info
      export SKYSCAN_BROKER_AUTH_FILE=/home/ana/token

      # In a shell of its own, that waits for it whatever it hears: a wait that a signal ends may lose the status.
      (
          trap : TERM
          "$program" client --client-startup-json /home/ana/client-startup.json --slots 1
          echo "$?" >"$scratch/status"
      ) &
      client=$!
      while kill -0 "$client" 2>/dev/null; do wait "$client"; done
      status=$(cat "$scratch/status") || status=137
      finish "$status"
      "
    `);
});

/** What differs in the request, and the lines that then are there, and are not there otherwise. */
const lines: readonly (readonly [Partial<FleetRequest>, readonly string[]])[] = [
  [{ jobs: 1 }, ["#SBATCH --array=0-0"]],
  [{ cpus: 4, slotsPerClient: 4 }, ["#SBATCH --cpus-per-task=4"]],
  [{ memoryMib: 500 }, ["#SBATCH --mem=500M"]],
  // Slurm counts minutes.
  [{ timeLimitSec: 3601 }, ["#SBATCH --time=61"]],
  [{ accountingGroup: "ice cube" }, ['#SBATCH --account="ice cube"']],
  [{ requirements: "avx2&bigmem" }, ["#SBATCH --constraint=avx2&bigmem"]],
  [{ priority: -100 }, ["#SBATCH --nice=100"]],
  [{ directory: '/data/my "logs"' }, ['#SBATCH --chdir="/data/my \\"logs\\""']],
  [{ environment: { NAME: "it's $HOME" } }, ["export NAME='it'\\''s $HOME'"]],
  [{ environmentFiles: { SKYSCAN_BROKER_AUTH_FILE: "/t" } }, ["unset SKYSCAN_BROKER_AUTH", "export SKYSCAN_BROKER_AUTH_FILE=/t"]],
  [{ program: { kind: "directory", path: "/opt/sky scan" } }, ["program='/opt/sky scan/bin/skyscan'"]],
  [
    { clientArguments: ["--container", "none"] },
    ['    "$program" client --client-startup-json /home/ana/client-startup.json --slots 1 --container none'],
  ],
];

test.each(lines)("%j is in the script", (different, wanted) => {
  const script = scriptOf(different).split("\n");
  expect(script).toEqual(expect.arrayContaining([...wanted]));
  const usual = scriptOf().split("\n");
  for (const line of wanted) expect(usual).not.toContain(line);
});

test("in a container the client sees what it reads and writes, and no other variables than its own", () => {
  const script = scriptOf({
    image: "/cvmfs/images/skymap scanner",
    startup: [
      { path: "/data/a/client-startup.json", directory: false },
      { path: "/data/all", directory: true },
    ],
    environment: { SKYSCAN_RECO_PATH: "/data/recos:/more" },
    environmentFiles: { SKYSCAN_BROKER_AUTH_FILE: "/home/ana/token" },
    clientArguments: ["--debug-directory", "/data/debug"],
  });
  expect(script.slice(script.indexOf("# In the container"))).toMatchInlineSnapshot(`
    "# In the container, which gets the variables above and nothing else of this environment.
    runtime=$(command -v apptainer || command -v singularity) || { echo "skyscan: there is no apptainer here, and no singularity" >&2; finish 7; }
    for name in TMPDIR SKYSCAN_RECO_PATH SKYSCAN_BROKER_AUTH_FILE; do
        export "APPTAINERENV_$name=\${!name}" "SINGULARITYENV_$name=\${!name}"
    done
    container=(
        "$runtime" exec --cleanenv
        --pwd /home/ana/logs/skyscan-2026-11-22T08-00-00Z
        --bind "$scratch"
        --bind /home/ana/logs/skyscan-2026-11-22T08-00-00Z:/home/ana/logs/skyscan-2026-11-22T08-00-00Z
        --bind /data/debug:/data/debug
        --bind /data/a:/data/a:ro
        --bind /data/all:/data/all:ro
        --bind /home/ana/token:/home/ana/token:ro
        --bind /data/recos:/data/recos:ro
        --bind /more:/more:ro
        '/cvmfs/images/skymap scanner'
    )

    # In a shell of its own, that waits for it whatever it hears: a wait that a signal ends may lose the status.
    (
        trap : TERM
        "\${container[@]}" "$program" client --client-startup-json /data/a/client-startup.json /data/all --slots 1 --debug-directory /data/debug
        echo "$?" >"$scratch/status"
    ) &
    client=$!
    while kill -0 "$client" 2>/dev/null; do wait "$client"; done
    status=$(cat "$scratch/status") || status=137
    finish "$status"
    "
  `);
});

test("what Slurm cannot do is told before anything is submitted", () => {
  expect(slurm.problems(fleetRequest())).toEqual([]);
  expect(slurm.problems(fleetRequest({ priority: 5 }))).toEqual([expect.stringContaining("--priority 5")]);
  expect(slurm.problems(fleetRequest({ collector: "c", schedd: "s" }))).toEqual([
    expect.stringContaining("--collector"),
    expect.stringContaining("--schedd"),
  ]);
  const colon = { startup: [{ path: "/data/a:b/s.json", directory: false }] };
  expect(slurm.problems(fleetRequest(colon))).toEqual([]);
  expect(slurm.problems(fleetRequest({ ...colon, image: "/image.sif" }))).toEqual([expect.stringContaining("/data/a:b")]);
});
