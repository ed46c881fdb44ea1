import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { makeDirectory, temporaryName } from "@skyscan/runtime";
import type { Logger } from "@skyscan/runtime";
import { RecoError } from "../manifest/errors.ts";
import type { ContainerChoice } from "./choice.ts";
import { engineEnvironment } from "./container-environment.ts";
import { kindOf } from "./engine.ts";
import { engineCommand } from "./engine-command.ts";
import { removeOrphans } from "./orphans.ts";
import { createSharedTasks } from "./shared-tasks.ts";

/** What has been seen to once for all slots of a client: its images are there, and what dead clients left is gone. */
export interface Images {
  /**
   * The image as it is to be run: pulled when it is not there, or, where the policy says so, the first time in any case.
   * @throws RecoError `image-failed` with the end of the engine's stderr. @throws the signal's reason.
   */
  ready(choice: ContainerChoice, dataHub: string, signal: AbortSignal): Promise<string>;
}

export interface ImagesOptions {
  /** `SKYSCAN_DOCKER_PULL_ALWAYS`: pulls also what is there. Default false. */
  readonly pullAlways?: boolean | undefined;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly logger: Logger;
}

export function createImages(options: ImagesOptions): Images {
  const tasks = createSharedTasks<string>();
  return {
    ready: (choice, dataHub, signal) =>
      tasks.run(`${choice.engine} ${choice.image}`, (shared) => look(choice, dataHub, options, shared), signal),
  };
}

function look(choice: ContainerChoice, dataHub: string, options: ImagesOptions, signal: AbortSignal): Promise<string> {
  return kindOf(choice.engine) === "daemon" ? inStore(choice, options, signal) : asFile(choice, dataHub, options, signal);
}

/** Images that were only ever made here come from no registry. */
const isLocal = (image: string): boolean => image.startsWith("localhost/");

async function inStore(choice: ContainerChoice, options: ImagesOptions, signal: AbortSignal): Promise<string> {
  const { engine, image } = choice;
  const command = { choice, environment: engineEnvironment(options.environment), signal };
  await removeOrphans(command, options.logger);
  const isThere = async (): Promise<boolean> => (await engineCommand(["image", "inspect", image], command)).status === 0;
  if ((options.pullAlways !== true || isLocal(image)) && (await isThere())) return image;
  if (isLocal(image))
    throw failed(`there is no image ${image} here, and "localhost/" comes from no registry`, `make it with ${engine} build`);
  await pull(choice, ["pull", image], options, signal);
  return image;
}

/** A file or directory is taken as it is; what a URI names becomes a file in the data hub, made once for all clients that share it. */
async function asFile(choice: ContainerChoice, dataHub: string, options: ImagesOptions, signal: AbortSignal): Promise<string> {
  const { image } = choice;
  if (!/^[a-z][a-z0-9+.-]*:\/\//.test(image)) {
    if (existsSync(image)) return image;
    throw failed(`there is no image ${image} here`, "is its file system mounted?");
  }
  const directory = join(dataHub, "skyscan-images");
  const readable = image.replaceAll(/[^A-Za-z0-9.]+/g, "-").slice(-80);
  const file = join(directory, `${readable}-${createHash("sha256").update(image).digest("hex").slice(0, 12)}.sif`);
  if (options.pullAlways !== true && existsSync(file)) return file;
  await makeDirectory(directory);
  const unfinished = temporaryName(file);
  try {
    await pull(choice, ["pull", unfinished, image], options, signal);
    await rename(unfinished, file);
  } finally {
    await rm(unfinished, { force: true });
  }
  return file;
}

async function pull(
  choice: ContainerChoice,
  args: readonly string[],
  { environment, logger }: ImagesOptions,
  signal: AbortSignal,
): Promise<void> {
  const { engine, image } = choice;
  logger.info({ image, engine }, "Pulling the reco's image");
  const command = { choice, environment: engineEnvironment(environment), limitMs: 0, signal };
  const { status, stderr } = await engineCommand(args, command);
  signal.throwIfAborted();
  if (status !== 0) throw failed(`the image ${image} could not be pulled with ${engine}`, stderr);
}

const failed = (what: string, more: string): RecoError => new RecoError("image-failed", `${what}: ${more}`, { stderrTail: more });
