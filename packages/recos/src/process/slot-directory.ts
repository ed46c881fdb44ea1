import { mkdir, mkdtemp, readdir, rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import { makeDirectory } from "@skyscan/runtime";

/** The scratch directory of one slot: its own, writable, emptied whenever a process has ended. */
export interface SlotDirectory {
  /** Absolute path of the scratch directory; made by `ready`. */
  readonly scratch: () => string;
  /** Makes the directory if it is not there. Rejects with Node's error. */
  ready(): Promise<void>;
  empty(): Promise<void>;
  remove(): Promise<void>;
}

/** A new directory `slot-N-…` below `parent`, so that nothing that was there before is ever touched. */
export function createSlotDirectory(parent: string, slot: number): SlotDirectory {
  let made: Promise<string> | undefined;
  let path: string | undefined;
  const make = async (): Promise<string> => {
    await makeDirectory(resolve(parent));
    return mkdtemp(join(resolve(parent), `slot-${slot}-`));
  };
  return {
    scratch() {
      if (path === undefined) throw new Error("the scratch directory is asked for before it is made");
      return path;
    },
    async ready() {
      made ??= make();
      try {
        path = await made;
      } catch (error) {
        made = undefined;
        throw error;
      }
      await mkdir(path, { recursive: true });
    },
    async empty() {
      if (path === undefined) return;
      const directory = path;
      const names = await readdir(directory).catch(() => []);
      await Promise.all(names.map((name) => rm(join(directory, name), { recursive: true, force: true }).catch(() => undefined)));
    },
    async remove() {
      await made?.catch(() => undefined);
      if (path !== undefined) await rm(path, { recursive: true, force: true, maxRetries: 3 }).catch(() => undefined);
      made = undefined;
      path = undefined;
    },
  };
}
