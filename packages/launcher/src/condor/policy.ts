import { clientEnds, maxRetries, restSec, statusesMeaning } from "../exit-policy.ts";

/** How often a job may be started before it stays held when a host sends it away. */
const mostStarts = 20;
/** So long a job that is sent away waits for another machine; then any will do: there may be no other. Seconds. */
const avoidSec = 1800;

const isOneOf = (attribute: string, values: readonly number[]): string =>
  values.map((value) => `${attribute} == ${value}`).join(" || ");

const reasons = clientEnds
  .filter(({ meaning }) => meaning === "elsewhere" || meaning === "never")
  .reduceRight((rest, { status, why }) => `ifThenElse(ExitCode == ${status}, "status ${status}: ${why}", ${rest})`, '"?"');

/** What happens to a job whose client has ended, as HTCondor's own expressions. */
export const retryLines: readonly string[] = [
  `# Done (${statusesMeaning("done").join(", ")}): the job leaves the queue. By chance (${statusesMeaning("again").join(", ")}, killed): started again.`,
  `on_exit_remove = (ExitBySignal == False) && (${isOneOf("ExitCode", statusesMeaning("done"))})`,
  `max_retries = ${maxRetries}`,
  `# A host that is no good (${statusesMeaning("elsewhere").join(", ")}): held for a rest, then released. To be mended by you (${statusesMeaning("never").join(", ")}): held; condor_release when it is.`,
  `on_exit_hold = (ExitBySignal == False) && (${isOneOf("ExitCode", statusesMeaning("elsewhere", "never"))})`,
  `on_exit_hold_reason = ${reasons}`,
  "on_exit_hold_subcode = ExitCode",
  `periodic_release = (HoldReasonCode == 3) && (${isOneOf("HoldReasonSubCode", statusesMeaning("elsewhere"))}) && (NumJobStarts < ${mostStarts}) && (time() - EnteredCurrentStatus > $(rest_sec:${restSec}))`,
];

/** After a rest, not to the same machine again, as long as there is hope of another. */
export const avoidance: string = `(LastHoldReasonCode =!= 3) || (TARGET.Machine =!= MachineAttrMachine0) || (time() - EnteredCurrentStatus > $(avoid_sec:${avoidSec}))`;
