import { maxRetries, restSec, statusesMeaning } from "../exit-policy.ts";
import type { EndMeaning } from "../exit-policy.ts";

const pattern = (meaning: EndMeaning): string => statusesMeaning(meaning).join(" | ");

/**
 * What follows from the status that a client ended with, as a function of the job script. A task is named by its place in the array, never by
 * SLURM_JOB_ID: the last task of an array has the number of the whole array, and all of it would be queued again.
 */
export const finishFunction: readonly string[] = [
  "# Whether Slurm has not taken this job away: then it sees itself to where it runs again. Asked, since a client may end before this script is told to.",
  "is_mine() {",
  '    [ "$(squeue --noheader --jobs="$1" --format=%T)" = RUNNING ]',
  "}",
  "",
  "# Whether Slurm has another node for this job than these: one that fits what it needs, and is not down or drained.",
  "can_avoid() {",
  '    ! LC_ALL=C sbatch --test-only --export=NONE --partition="${SLURM_JOB_PARTITION:-}" ${SLURM_JOB_QOS:+--qos="$SLURM_JOB_QOS"} \\',
  '        ${SLURM_JOB_RESERVATION:+--reservation="$SLURM_JOB_RESERVATION"} --exclude="$1" "$0" 2>&1 |',
  '        grep -q "node configuration is not available"',
  "}",
  "",
  "# finish STATUS: ends this job as its client ended, and has it queued again where that is of use.",
  "finish() {",
  '    echo "skyscan: $SLURMD_NODENAME: client ended with status $1" >&2',
  `    { [ -z "$over" ] && [ "\${SLURM_RESTART_COUNT:-0}" -lt ${maxRetries} ]; } || exit "$1"`,
  "    local task=${SLURM_ARRAY_JOB_ID}_$SLURM_ARRAY_TASK_ID avoid",
  "    case $1 in",
  `        ${pattern("done")}) ;; # done`,
  `        ${pattern("never")}) ;; # nothing gets better until you have done something`,
  `        ${pattern("elsewhere")}) # this node is no good: a rest, then another node while there is one`,
  '            is_mine "$task" || exit "$1"',
  "            avoid=$(scontrol --oneliner show job \"$task\" | sed -n 's/.* ExcNodeList=\\([^ (]*\\).*/\\1/p')",
  "            avoid=${avoid:+$avoid,}$SLURMD_NODENAME",
  "            # Slurm would hold a job for ever that no node is left for: it may run on any again.",
  '            can_avoid "$avoid" || avoid=',
  "            # Slurm ends this script when its job is queued again: not before it knows where not to run.",
  "            trap '' TERM",
  '            scontrol requeue "$task" &&',
  `                scontrol update JobId="$task" ExcNodeList="$avoid" StartTime=now+${restSec}`,
  "            ;;",
  '        *) is_mine "$task" && scontrol requeue "$task" ;; # by chance: started again; Slurm itself waits two minutes',
  "    esac",
  '    exit "$1"',
  "}",
];

/** The line in a client's `.err` file that says where and how it ended. */
export const endLine: RegExp = /^skyscan: (\S+): client ended with status (\d+)$/gm;
