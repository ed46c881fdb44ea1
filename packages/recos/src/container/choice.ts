import { RecoError } from "../manifest/errors.ts";
import type { RunBlock } from "../manifest/manifest.ts";
import { containerEngines, kindOf } from "./engine.ts";
import type { ContainerEngine, ContainerMode } from "./engine.ts";

/** Which container a reco runs in. */
export interface ContainerChoice {
  readonly engine: ContainerEngine;
  /** Absolute path of the engine's command. */
  readonly executable: string;
  /** As the engine takes it: a reference for docker and podman; a file, a directory or a URI for the others. */
  readonly image: string;
}

export interface ChoiceOptions {
  readonly run: Pick<RunBlock, "image">;
  readonly mode: ContainerMode;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Absolute path of a command on the client's PATH, or undefined. */
  readonly find: (command: string) => Promise<string | undefined>;
}

/**
 * The container that a reco is to run in, undefined: none (reco protocol, section 5). Nothing is nested inside Apptainer or Singularity.
 * @throws RecoError `image-failed` saying what is wanted, what there is and what to do.
 */
export async function chooseContainer({ run, mode, environment, find }: ChoiceOptions): Promise<ContainerChoice | undefined> {
  if (mode === "none") return undefined;
  const inside = ["APPTAINER_CONTAINER", "SINGULARITY_CONTAINER"].find((name) => environment[name] !== undefined);
  const shown = run.image?.docker ?? run.image?.singularity;
  if (mode === "auto") {
    if (shown === undefined || inside !== undefined) return undefined;
  } else {
    if (inside !== undefined)
      throw failed(
        `container mode ${mode} was asked for inside a container of Apptainer or Singularity (${inside} is set)`,
        "use auto",
      );
    if (shown === undefined)
      throw failed(`container mode ${mode} was asked for, but the reco's manifest names no image`, "use auto");
  }
  const fitting = (mode === "auto" ? containerEngines : [mode]).filter((engine) => imageFor(run, engine) !== undefined);
  if (fitting.length === 0)
    throw failed(`${mode} cannot run the image ${shown}: the manifest has no "image.docker"`, "use apptainer or singularity");
  for (const engine of fitting) {
    const executable = await find(engine);
    const image = imageFor(run, engine);
    if (executable !== undefined && image !== undefined) return { engine, executable, image };
  }
  throw failed(`the reco wants the image ${shown}, but ${listed(fitting)} not on PATH`, "install one");
}

const listed = (names: readonly string[]): string =>
  names.length === 1 ? `${names.join()} is` : `${names.slice(0, -1).join(", ")} and ${names.at(-1) ?? ""} are`;

const failed = (what: string, todo: string): RecoError =>
  new RecoError(
    "image-failed",
    `${what}: ${todo}, start the client inside the image, or use --container none where everything that the reco needs is installed`,
  );

/** Apptainer and Singularity take images for docker, too. */
function imageFor({ image }: Pick<RunBlock, "image">, engine: ContainerEngine): string | undefined {
  if (kindOf(engine) === "daemon") return image?.docker;
  return image?.singularity ?? (image?.docker === undefined ? undefined : `docker://${image.docker}`);
}
