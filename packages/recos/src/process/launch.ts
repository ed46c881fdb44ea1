import { resolve } from "node:path";
import { chooseContainer } from "../container/choice.ts";
import { containerLaunch } from "../container/container-launch.ts";
import type { LaunchedContainer } from "../container/container-launch.ts";
import { createImages } from "../container/images.ts";
import type { RunBlock } from "../manifest/manifest.ts";
import { completeRecoOptions } from "../manifest/options.ts";
import type { PlaceholderValues } from "../manifest/placeholders.ts";
import { childEnvironment, defaultPath } from "./child-environment.ts";
import { recoCommand } from "./command.ts";
import { findOnPath, resolveExecutable } from "./executable.ts";
import type { RunnerOptions } from "./runner-options.ts";

/** Everything a process of a reco is started with. */
export interface Launch {
  readonly executable: string;
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Undefined: the reco runs on the host as it is. */
  readonly container?: LaunchedContainer;
}

/**
 * What to start for one process (stream) or one unit (oneshot).
 * @throws RecoError `image-failed`, `start-failed` (a missing executable) or `bad-option`. @throws the signal's reason, while an image is pulled.
 */
export async function prepareLaunch(
  options: RunnerOptions,
  scratch: string,
  files: { readonly infile?: string; readonly outfile?: string } = {},
  signal?: AbortSignal,
): Promise<Launch> {
  const { reco, environment } = options;
  const values: PlaceholderValues = {
    startup: resolve(options.startupPath),
    recoDir: reco.dir,
    scratch,
    dataHub: dataHubOf(options),
    ...(options.gcdqpPacketPath !== undefined && { gcdqpPacket: resolve(options.gcdqpPacketPath) }),
    ...(options.baselineGcdPath !== undefined && { baselineGcd: resolve(options.baselineGcdPath) }),
    ...files,
  };
  const recoOptions = completeRecoOptions(reco.manifest, options.recoOptions ?? {});
  const command = recoCommand(reco.manifest, recoOptions, values, environment);
  return launchOf({ ...options, run: reco.manifest.run, command, values, signal });
}

/** The client's staging directory for large inputs. */
export const dataHubOf = (options: Pick<RunnerOptions, "dataHubDirectory" | "environment" | "scratchDir">): string =>
  resolve(options.dataHubDirectory ?? options.environment["EWMS_TASK_DATA_HUB_DIR"] ?? options.scratchDir);

interface LaunchOptions extends Pick<RunnerOptions, "reco" | "slot" | "environment" | "container" | "images" | "logger"> {
  readonly run: RunBlock;
  readonly command: readonly string[];
  readonly values: PlaceholderValues;
  /** Variables beside those of every reco. */
  readonly also?: Readonly<Record<string, string>>;
  /** Other paths that a container is to see, read-only, each if it exists. */
  readonly inputs?: readonly string[];
  readonly signal: AbortSignal | undefined;
}

/** What to start for a command of a reco, in a container or not. Throws what `prepareLaunch` throws. */
export async function launchOf(options: LaunchOptions): Promise<Launch> {
  const { reco, run, command, values, slot, environment } = options;
  const [first = ""] = command;
  const find = (name: string): Promise<string | undefined> => findOnPath(name, environment["PATH"] ?? defaultPath);
  const choice = await chooseContainer({ run, mode: options.container ?? "auto", environment, find });
  const env = { ...options.also, ...childEnvironment(run, values, slot, environment, choice !== undefined) };
  if (choice === undefined) {
    const executable = await resolveExecutable(first, reco.dir, env["PATH"] ?? "");
    return { executable, argv: command, env };
  }
  // Relative ones come with the reco; all others are the image's.
  const own = /^\.\.?\//.test(first) ? await resolveExecutable(first, reco.dir, "") : undefined;
  return containerLaunch({
    choice,
    run,
    recoName: reco.manifest.name,
    command: [own ?? first, ...command.slice(1)],
    ownExecutable: own,
    values,
    inputs: options.inputs ?? [],
    slot,
    inside: env,
    environment,
    images: options.images ?? createImages(options),
    signal: options.signal ?? new AbortController().signal,
  });
}
