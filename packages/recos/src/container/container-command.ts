import type { ContainerEngine } from "./engine.ts";
import { kindOf } from "./engine.ts";
import type { ContainerEnvironment } from "./container-environment.ts";
import type { Mount } from "./mounts.ts";
import { RecoError } from "../manifest/errors.ts";

/** All that decides how a container is started. */
export interface ContainerSpec {
  readonly engine: ContainerEngine;
  /** As the engine takes it. */
  readonly image: string;
  /** The reco's command and arguments, given to the image's entrypoint. */
  readonly command: readonly string[];
  /** Unique on this machine. */
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly mounts: readonly Mount[];
  readonly environment: Pick<ContainerEnvironment, "shown" | "named">;
  /** Working directory, writable. */
  readonly scratch: string;
  readonly user: { readonly uid: number; readonly gid: number };
  /** Such as "6gb". */
  readonly shmSize: string | null;
  readonly network: boolean;
  /** Whether the reco is talked to through stdin. */
  readonly stdin: boolean;
}

/**
 * The arguments of the engine's command. There is no terminal, the image's entrypoint is kept, and what a killed container leaves is removed by
 * the engine where it can. @throws RecoError `image-failed` for a path that the engine cannot take.
 */
export const containerArguments = (spec: ContainerSpec): readonly string[] => {
  for (const { path } of spec.mounts)
    if (/[\n\r\0]/.test(path))
      throw new RecoError("image-failed", `${JSON.stringify(path)} cannot be mounted: it holds a line break`);
  return kindOf(spec.engine) === "daemon" ? daemonArguments(spec) : childArguments(spec);
};

/** docker and podman. */
function daemonArguments(spec: ContainerSpec): readonly string[] {
  const { engine, user, scratch, shmSize, environment } = spec;
  const rootless = engine === "podman" && user.uid !== 0;
  return [
    "run",
    "--rm",
    "--init",
    ...(spec.stdin ? ["--interactive"] : []),
    // The image is there already; its absence is not to make every slot pull it.
    "--pull=never",
    // What it writes is read here; kept by the engine it would fill the disk.
    "--log-driver=none",
    // Without this the mounted directories cannot be read where SELinux is enforced.
    "--security-opt=label=disable",
    `--name=${spec.name}`,
    ...Object.entries(spec.labels).map(([name, value]) => `--label=${name}=${value}`),
    `--user=${user.uid}:${user.gid}`,
    ...(rootless ? ["--userns=keep-id"] : []),
    ...(engine === "podman" ? ["--http-proxy=false"] : []),
    `--network=${spec.network ? "host" : "none"}`,
    ...(shmSize === null ? [] : [`--shm-size=${shmSize}`]),
    `--workdir=${scratch}`,
    ...spec.mounts.map(
      ({ path, writable }) =>
        `--mount=${csv(["type=bind", `source=${path}`, `target=${path}`, ...(writable ? [] : ["readonly"])])}`,
    ),
    ...Object.entries(environment.shown).map(([name, value]) => `--env=${name}=${value}`),
    ...environment.named.map((name) => `--env=${name}`),
    spec.image,
    ...spec.command,
  ];
}

/** apptainer and singularity. They run as the user anyway; the size of /dev/shm is not theirs to set. */
function childArguments(spec: ContainerSpec): readonly string[] {
  const { scratch } = spec;
  if (/[:,]/.test(scratch))
    throw new RecoError(
      "image-failed",
      `${scratch} cannot be a home directory in ${spec.engine}: no : or , can be in it; give another --scratch-dir`,
    );
  return [
    // Not "exec", which leaves the image's entrypoint out.
    "run",
    // A process namespace of its own, so that nothing in it outlives it.
    "--containall",
    "--cleanenv",
    // Not the user's: it would bring settings and Python packages of the host.
    `--home=${scratch}`,
    `--pwd=${scratch}`,
    // "none" alone is allowed to everybody.
    ...(spec.network ? [] : ["--net", "--network=none"]),
    ...spec.mounts.flatMap(({ path, writable }) =>
      /[:,"]/.test(path)
        ? ["--mount", csv(["type=bind", `source=${path}`, `destination=${path}`, ...(writable ? [] : ["ro"])])]
        : ["--bind", `${path}:${path}:${writable ? "rw" : "ro"}`],
    ),
    spec.image,
    ...spec.command,
  ];
}

/** Comma-separated fields as these programs read them: quoted where a comma or a quote is in one. */
const csv = (fields: readonly string[]): string =>
  fields.map((field) => (/[",]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field)).join(",");
