import type { Logger } from "@skyscan/runtime";
import { startTicksOf } from "@skyscan/runtime";
import { clientLabel, isOrphan, thisClient } from "./client-label.ts";
import type { LabelledContainer } from "./client-label.ts";
import { engineCommand } from "./engine-command.ts";
import type { EngineCommandOptions } from "./engine-command.ts";

/** Removes the containers of this machine whose clients are dead. What goes wrong is logged, and stops nobody. */
export async function removeOrphans(options: EngineCommandOptions, logger: Logger): Promise<void> {
  const all = await engineCommand(["ps", "--all", "--quiet", `--filter=label=${clientLabel}`], options);
  const ids = all.stdout.split(/\s+/).filter((id) => id !== "");
  if (all.status !== 0 || ids.length === 0) return;
  const format = `{{.Id}} {{.State.Running}} {{index .Config.Labels "${clientLabel}"}}`;
  // One that is gone by now makes the command fail, and says nothing about the others.
  const inspected = await engineCommand(["inspect", "--type=container", `--format=${format}`, ...ids], options);
  const us = thisClient();
  for (const container of containersIn(inspected.stdout)) {
    if (!isOrphan(container, us, startTicksOf)) continue;
    await engineCommand(["kill", "--signal=SIGKILL", container.id], options);
    const removed = await engineCommand(["rm", "--force", container.id], options);
    const about = { container: container.id.slice(0, 12), client: container.label };
    if (removed.status === 0) logger.info(about, "Removed the container of a client that was killed");
    else logger.warn({ ...about, problem: removed.stderr }, "The container of a client that was killed could not be removed");
  }
}

function containersIn(inspected: string): readonly LabelledContainer[] {
  return inspected.split("\n").flatMap((line) => {
    const [id, running, label] = line.trim().split(" ");
    return id === undefined || label === undefined ? [] : [{ id, label, running: running === "true" }];
  });
}
