import { RecoError } from "../manifest/errors.ts";
import type { ContainerChoice } from "./choice.ts";
import { kindOf } from "./engine.ts";

/**
 * Why no reco ran although the engine's command did, undefined: one ran, and the status is its own. Both have the same statuses, so the engine's
 * words have to be at the end of what was written, too.
 * - 125 of docker and podman, 255 of apptainer and singularity: no container, `image-failed`
 * - 126, 127, and 255 with words about the command: the command cannot be executed or is not in the image, `start-failed`
 */
export function engineRefusal(
  { engine, image }: Pick<ContainerChoice, "engine" | "image">,
  command: string,
  status: number | null,
  stderr: string,
): RecoError | undefined {
  const words = kindOf(engine) === "daemon" ? daemonWords : childWords;
  const said = stderr.trimEnd().slice(-4000).split("\n").slice(-5).join("\n");
  if (!words.statuses.includes(status ?? 0) || !words.marks.test(said)) return undefined;
  const options = { stderrTail: stderr };
  if (status === 126 || status === 127 || (status === 255 && words.aboutCommand.test(said)))
    return new RecoError(
      "start-failed",
      `the reco's command ${command} cannot be executed in the image ${image} (${engine}): ${said}`,
      options,
    );
  return new RecoError("image-failed", `${engine} could not start a container of the image ${image}: ${said}`, options);
}

const daemonWords = {
  statuses: [125, 126, 127],
  marks: /^(Error: |docker: |.*(OCI runtime|\bcrun\b|\brunc\b))/m,
  aboutCommand: /(?!)/,
};

const childWords = {
  statuses: [255],
  marks: /^FATAL: /m,
  aboutCommand: /(executable file not found|exec .* failed|no such file or directory.*exec|permission denied)/i,
};
