import { resolve } from "node:path";
import { childEnvironment } from "./child-environment.ts";
import { recoCommand } from "./command.ts";
import { requireNoContainer } from "./containers.ts";
import { resolveExecutable } from "./executable.ts";
import { completeRecoOptions } from "../manifest/options.ts";
import type { PlaceholderValues } from "../manifest/placeholders.ts";
import type { RunnerOptions } from "./runner-options.ts";

/** Everything a process of a reco is started with. */
export interface Launch {
  readonly executable: string;
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/**
 * What to start for one process (stream) or one unit (oneshot).
 * @throws RecoError `image-failed`, `start-failed` (a missing executable) or `bad-option`.
 */
export async function prepareLaunch(
  options: RunnerOptions,
  scratch: string,
  files: { readonly infile?: string; readonly outfile?: string } = {},
): Promise<Launch> {
  const { reco, environment, slot } = options;
  requireNoContainer(reco.manifest.run, options.container ?? "auto", environment);
  const values: PlaceholderValues = {
    startup: resolve(options.startupPath),
    recoDir: reco.dir,
    scratch,
    dataHub: resolve(options.dataHubDirectory ?? environment["EWMS_TASK_DATA_HUB_DIR"] ?? options.scratchDir),
    ...(options.gcdqpPacketPath !== undefined && { gcdqpPacket: resolve(options.gcdqpPacketPath) }),
    ...(options.baselineGcdPath !== undefined && { baselineGcd: resolve(options.baselineGcdPath) }),
    ...files,
  };
  const env = childEnvironment(reco.manifest.run, values, slot, environment);
  const recoOptions = completeRecoOptions(reco.manifest, options.recoOptions ?? {});
  const argv = recoCommand(reco.manifest, recoOptions, values, environment);
  const executable = await resolveExecutable(argv[0] ?? "", reco.dir, env["PATH"] ?? "");
  return { executable, argv, env };
}
