import { oneOf, optional, yesOrNo } from "@skyscan/runtime";
import type { Setting } from "@skyscan/runtime";
import { containerModes } from "./engine.ts";
import type { ContainerMode } from "./engine.ts";

/** For whoever runs recos: clients, and servers for the `prepare` step. */
export const containerSettingTable = {
  container: {
    env: "SKYSCAN_CONTAINER",
    kind: optional(oneOf(...containerModes)),
    default: undefined,
    doc: "Container engine that recos with an image run in: auto, none, docker, podman, singularity or apptainer.",
  } as Setting<ContainerMode | undefined>,
  pullAlways: {
    env: "SKYSCAN_DOCKER_PULL_ALWAYS",
    kind: yesOrNo,
    default: false,
    doc: "Recos' images are pulled once per client also when they are there already. Else only missing ones are; images named localhost/… never. The launch scripts for docker pull the program's image at each start.",
  } as Setting<boolean>,
} as const;
