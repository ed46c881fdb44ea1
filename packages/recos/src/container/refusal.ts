import { RecoError } from "../manifest/errors.ts";
import type { ContainerChoice } from "./choice.ts";
import { kindOf } from "./engine.ts";

interface Refusal {
  readonly code: "image-failed" | "start-failed";
  readonly statuses: readonly number[];
  /** At the end of what was written. */
  readonly words: RegExp;
}

/** The first that fits counts. */
const daemonRefusals: readonly Refusal[] = [
  // The init process that --init asks for (podman's, docker's) starts the command.
  {
    code: "start-failed",
    statuses: [1, 126, 127],
    words: /^(ERROR \(catatonit:\d+\): failed to exec|\[FATAL +tini \(\d+\)\] exec )/m,
  },
  { code: "start-failed", statuses: [126, 127], words: /^(Error: |docker: )/m },
  { code: "image-failed", statuses: [125], words: /^(Error: |docker: )/m },
];
const childRefusals: readonly Refusal[] = [
  { code: "start-failed", statuses: [255], words: /^FATAL: .*(executable file not found|exec .* failed|permission denied)/im },
  { code: "image-failed", statuses: [255], words: /^FATAL: /m },
];

/**
 * Why no reco ran although the engine's command did, undefined: one ran, and the status is its own. Both have the same statuses, so the engine's
 * words have to be at the end of what was written, too: `image-failed` where there was no container, `start-failed` where it had no such command.
 */
export function engineRefusal(
  { engine, image }: Pick<ContainerChoice, "engine" | "image">,
  command: string,
  status: number | null,
  stderr: string,
): RecoError | undefined {
  const said = stderr.trimEnd().slice(-4000).split("\n").slice(-5).join("\n");
  const refusals = kindOf(engine) === "daemon" ? daemonRefusals : childRefusals;
  const refusal = refusals.find(({ statuses, words }) => status !== null && statuses.includes(status) && words.test(said));
  if (refusal === undefined) return undefined;
  const what =
    refusal.code === "start-failed"
      ? `the reco's command ${command} cannot be executed in the image ${image} (${engine})`
      : `${engine} could not start a container of the image ${image}`;
  return new RecoError(refusal.code, `${what}: ${said}`, { stderrTail: stderr });
}
