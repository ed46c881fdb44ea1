import { RecoError } from "../manifest/errors.ts";
import type { RunBlock } from "../manifest/manifest.ts";

export const containerModes = ["auto", "none", "docker", "podman", "singularity", "apptainer"] as const;
/** `--container`, `SKYSCAN_CONTAINER` (reco protocol, section 5). */
export type ContainerMode = (typeof containerModes)[number];

/**
 * Makes sure that a reco may run on the host as it is: mode `none`, no image in the manifest, or this process is itself inside
 * Apptainer or Singularity, where the image is already there.
 * @throws RecoError `image-failed` when the reco wants a container, which this version cannot start.
 */
export function requireNoContainer(
  run: Pick<RunBlock, "image">,
  mode: ContainerMode,
  environment: Readonly<Record<string, string | undefined>>,
): void {
  if (mode === "none") return;
  const inside = environment["APPTAINER_CONTAINER"] ?? environment["SINGULARITY_CONTAINER"];
  const image = run.image?.docker ?? run.image?.singularity;
  if (mode === "auto" && (image === undefined || inside !== undefined)) return;
  const wanted = mode === "auto" ? `the reco wants the image ${image ?? ""}` : `container mode ${mode} was asked for`;
  throw new RecoError(
    "image-failed",
    `${wanted}, but this version does not start containers yet: run the client inside the image, or use --container none where the reco is installed`,
  );
}
