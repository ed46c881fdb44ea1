/** What starts containers, by the name of its command, in the order in which `auto` looks. */
export const containerEngines = ["apptainer", "singularity", "docker", "podman"] as const;
export type ContainerEngine = (typeof containerEngines)[number];

export const containerModes = ["auto", "none", ...containerEngines] as const;
/** `--container`, `SKYSCAN_CONTAINER` (reco protocol, section 5). */
export type ContainerMode = (typeof containerModes)[number];

/**
 * The two kinds there are.
 * - `daemon` docker and podman: the container runs beside the command that asked for it, has a name, and outlives that command.
 * - `child` apptainer and singularity: the container is that command, and its processes are in the same group.
 */
export type EngineKind = "daemon" | "child";

export const kindOf = (engine: ContainerEngine): EngineKind => (engine === "docker" || engine === "podman" ? "daemon" : "child");
