import { watch } from "node:fs";
import type { FSWatcher } from "node:fs";
import { readMoreScans } from "@skyscan/protocol";
import { messageOf } from "@skyscan/runtime";
import type { Logger } from "@skyscan/runtime";
import type { FoundStartup, StartupReader } from "./startup-reader.ts";

/** A shared file system tells nobody of changes: looked at so often besides. */
const pollMs = 2000;
/** Several changes in a row are looked at together. */
const gatherMs = 50;

/** Looks again and again at what paths stand for. */
export interface StartupLookout {
  close(): void;
}

/** Calls `onFound` with all that is there, and whether more is to come, whenever it looked: at once when a local file system tells of a change, else every two seconds. */
export function watchStartups(
  paths: readonly string[],
  options: {
    readonly reader: StartupReader;
    readonly logger: Logger;
    onFound(found: readonly FoundStartup[], moreToCome: boolean | undefined): void;
  },
): StartupLookout {
  let closed = false;
  let timer: NodeJS.Timeout | undefined;
  const lookAfter = (ms: number): void => {
    clearTimeout(timer);
    if (!closed) timer = setTimeout(() => void look(), ms);
  };

  async function look(): Promise<void> {
    try {
      const found = (await Promise.all(paths.map((path) => options.reader.find(path)))).flat();
      const more = await readMoreScans(paths);
      if (!closed) options.onFound(found, more);
    } catch (error) {
      options.logger.warn({ reason: messageOf(error) }, "The startup files cannot be looked at");
    }
    lookAfter(pollMs);
  }

  const watchers = paths.flatMap((path) => watchHere(path, () => lookAfter(gatherMs)));
  lookAfter(pollMs);
  return {
    close() {
      closed = true;
      clearTimeout(timer);
      for (const watcher of watchers) watcher.close();
    },
  };
}

/** None where the system has no more watches to give: the poll is enough. */
function watchHere(path: string, changed: () => void): readonly FSWatcher[] {
  try {
    const watcher = watch(path, { persistent: false }, changed);
    watcher.on("error", () => watcher.close());
    return [watcher];
  } catch {
    return [];
  }
}
