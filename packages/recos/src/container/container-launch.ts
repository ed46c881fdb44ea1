import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { makeDirectory } from "@skyscan/runtime";
import type { RecoError } from "../manifest/errors.ts";
import type { RunBlock } from "../manifest/manifest.ts";
import type { PlaceholderValues } from "../manifest/placeholders.ts";
import type { ContainerChoice } from "./choice.ts";
import { clientLabel, labelValue, recoLabel, thisClient } from "./client-label.ts";
import { containerArguments } from "./container-command.ts";
import { containerEnvironment, engineEnvironment } from "./container-environment.ts";
import { createContainerHandle } from "./container-handle.ts";
import type { ContainerHandle } from "./container-handle.ts";
import { kindOf } from "./engine.ts";
import type { Images } from "./images.ts";
import { containerMounts } from "./mounts.ts";
import { engineRefusal } from "./refusal.ts";

/** What the process of an engine's command is besides a process. */
export interface LaunchedContainer {
  /** Undefined: the container ends with the process and its group. */
  readonly handle: ContainerHandle | undefined;
  /** Why no reco ran, from how the process ended; undefined when one did. */
  refusal(status: number | null, stderr: string): RecoError | undefined;
}

export interface ContainerLaunchOptions {
  readonly choice: ContainerChoice;
  readonly run: RunBlock;
  readonly recoName: string;
  /** The reco's command; a first item that is relative to the manifest is absolute by now, and is `ownExecutable` too. */
  readonly command: readonly string[];
  readonly ownExecutable: string | undefined;
  readonly values: PlaceholderValues;
  /** Other paths that it is to see, each if it exists. */
  readonly inputs: readonly string[];
  readonly slot: number;
  /** The reco's environment. */
  readonly inside: Readonly<Record<string, string>>;
  /** The client's. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly images: Images;
  readonly signal: AbortSignal;
}

/**
 * What to start for a reco in a container: the image is there when it resolves. @throws RecoError `image-failed`; the signal's reason; Node's
 * error when the data hub cannot be made.
 */
export async function containerLaunch(options: ContainerLaunchOptions): Promise<{
  readonly executable: string;
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly container: LaunchedContainer;
}> {
  const { choice, run, values, command, environment } = options;
  await makeDirectory(values.dataHub);
  const image = await options.images.ready(choice, values.dataHub, options.signal);
  const variables = containerEnvironment(choice.engine, run, options.inside, environment);
  const name = `skyscan-${options.recoName}-${options.slot}-${randomBytes(6).toString("hex")}`;
  const args = containerArguments({
    engine: choice.engine,
    image,
    command,
    name,
    labels: { [clientLabel]: labelValue(thisClient()), [recoLabel]: options.recoName },
    mounts: containerMounts({
      run,
      values,
      inputs: options.inputs,
      executable: options.ownExecutable,
      environment,
      exists: existsSync,
    }),
    environment: variables,
    scratch: values.scratch,
    user: { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 },
    shmSize: run.shmSize,
    network: run.network,
    stdin: run.mode === "stream",
  });
  const handle =
    kindOf(choice.engine) === "daemon"
      ? createContainerHandle(name, { choice, environment: engineEnvironment(environment) })
      : undefined;
  return {
    executable: choice.executable,
    argv: [choice.engine, ...args],
    env: variables.engine,
    container: {
      handle,
      refusal: (status, stderr) => engineRefusal(choice, command[0] ?? "", status, stderr),
    },
  };
}
