import type { RunBlock } from "../manifest/manifest.ts";
import { fillPlaceholders } from "../manifest/placeholders.ts";
import type { PlaceholderValues } from "../manifest/placeholders.ts";

/** Where commands are looked for when the client itself has no PATH. */
export const defaultPath = "/usr/local/bin:/usr/bin:/bin";

/**
 * The whole environment of a reco's process (reco protocol, section 2, "The child's surroundings"): nothing else is inherited,
 * so never a broker address or token. `run.env` wins over all of it. HOME and TMPDIR are the scratch directory where the client has none, and in
 * a container, which has neither; PATH is the image's there.
 */
export function childEnvironment(
  run: Pick<RunBlock, "env" | "passEnv">,
  values: PlaceholderValues,
  slot: number,
  environment: Readonly<Record<string, string | undefined>>,
  inContainer = false,
): Readonly<Record<string, string>> {
  const ofHost = inContainer ? {} : environment;
  const child: Record<string, string> = {
    ...(inContainer ? {} : { PATH: ofHost["PATH"] ?? defaultPath }),
    HOME: ofHost["HOME"] ?? values.scratch,
    LANG: environment["LANG"] ?? "C.UTF-8",
    TMPDIR: ofHost["TMPDIR"] ?? values.scratch,
    LC_ALL: "C.UTF-8",
  };
  for (const name of run.passEnv) {
    const value = environment[name];
    if (value !== undefined) child[name] = value;
  }
  if (values.startup !== undefined) child["SKYSCAN_STARTUP"] = values.startup;
  child["SKYSCAN_SLOT"] = String(slot);
  child["SKYSCAN_SCRATCH"] = values.scratch;
  if (values.infile !== undefined) child["EWMS_TASK_INFILE"] = values.infile;
  if (values.outfile !== undefined) {
    child["EWMS_TASK_OUTFILE"] = values.outfile;
    child["EWMS_TASK_DATA_HUB_DIR"] = values.dataHub;
  }
  for (const [name, value] of Object.entries(run.env)) child[name] = fillPlaceholders(value, values, environment);
  return child;
}
