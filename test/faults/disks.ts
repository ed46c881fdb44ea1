import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, readdir, rm, statfs, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { promisify } from "node:util";
import { between } from "./chance.ts";
import type { Fault } from "./fault.ts";
import type { Stage } from "./stage.ts";

const run = promisify(execFile);
const mount = (path: string): Promise<unknown> => run("mount", ["-t", "tmpfs", "-o", "size=4m", "tmpfs", path]);

let looked: Promise<string | undefined> | undefined;
/** Small disks are file systems in memory, which only root may mount, and not in every container. */
const noMounts = (): Promise<string | undefined> => (looked ??= tryMount());
async function tryMount(): Promise<string | undefined> {
  const path = await mkdtemp(join(tmpdir(), "skyscan-mount-"));
  try {
    await mount(path);
    await run("umount", [path]);
    return undefined;
  } catch (error) {
    return `no file system can be mounted here: ${String(error)}`;
  } finally {
    await rm(path, { recursive: true, force: true });
  }
}

/** A disk of the scan's own for one of its directories. Several faults may ask for the same. */
async function smallDisk(stage: Stage, path: string): Promise<void> {
  if (stage.disks.has(path)) return;
  stage.disks.add(path);
  await mkdir(path, { recursive: true });
  await mount(path);
  stage.cleanUp(async () => {
    if (stage.problems.length > 0) await cp(path, `${path}-kept`, { recursive: true });
    await run("umount", ["--lazy", path]);
  });
}

/** Fills what is left of a disk, and what comes free meanwhile, until `event`, but for so long at most. */
async function keepFull(path: string, event: Promise<unknown>, ms: number): Promise<void> {
  const called = new AbortController();
  const calledOff = Promise.race([event, pause(ms)]).then(() => called.abort());
  try {
    for (let part = 0; !called.signal.aborted; part += 1) {
      const { bavail, bsize } = await statfs(path);
      if (bavail > 0) await writeFile(join(path, `filler-${part}`), Buffer.alloc(bavail * bsize)).catch(() => undefined);
      await Promise.race([calledOff, pause(20)]);
    }
  } finally {
    await emptied(path);
  }
}

/** Another fault may have made it read-only for a while. */
async function emptied(path: string): Promise<void> {
  const fillers = (await readdir(path)).filter((name) => name.startsWith("filler-"));
  for (const name of fillers) {
    while (
      !(await rm(join(path, name), { force: true }).then(
        () => true,
        () => false,
      ))
    )
      await pause(20);
  }
}

const fullDisk =
  (which: (stage: Stage) => string): Fault["strike"] =>
  async (stage, { at, random }) => {
    if (!(await stage.reached(at))) return false;
    stage.server.excuse(6);
    const path = which(stage);
    stage.note(`${path} is full`);
    await keepFull(path, stage.server.ended, between(random, 2000, 6000));
    stage.note(`there is room in ${path} again`);
    return true;
  };

/** A file system with files that are open for writing cannot be made read-only: tried until it can. */
async function remount(path: string, how: "ro" | "rw"): Promise<void> {
  for (;;) {
    try {
      await run("mount", ["-o", `remount,${how}`, path]);
      return;
    } catch {
      await pause(5);
    }
  }
}

export const disks: readonly Fault[] = [
  {
    name: "full-cache",
    what: "the disk of the cache is full: the server ends with 6, or waits until there is room",
    weight: 2,
    missing: noMounts,
    prepare: (stage) => smallDisk(stage, stage.cacheDirectory),
    strike: fullDisk(({ cacheDirectory }) => cacheDirectory),
  },
  {
    name: "full-output",
    what: "the disk of the output is full for 2 to 6 s",
    weight: 2,
    missing: noMounts,
    prepare: (stage) => smallDisk(stage, stage.outputDirectory),
    strike: fullDisk(({ outputDirectory }) => outputDirectory),
  },
  {
    name: "read-only-output",
    what: "the output is read-only for 1 to 5 s",
    weight: 2,
    missing: noMounts,
    prepare: (stage) => smallDisk(stage, stage.outputDirectory),
    async strike(stage, { at, random }) {
      if (!(await stage.reached(at))) return false;
      stage.server.excuse(6);
      await remount(stage.outputDirectory, "ro");
      stage.note("the output is read-only");
      await Promise.race([stage.server.ended, pause(between(random, 1000, 5000))]);
      await remount(stage.outputDirectory, "rw");
      stage.note("the output can be written");
      return true;
    },
  },
  {
    name: "full-scratch",
    what: "the disk of the clients' scratch directories is full for 1 to 4 s",
    weight: 1,
    missing: noMounts,
    async prepare(stage) {
      const path = join(stage.directory, "scratch");
      await smallDisk(stage, path);
      stage.clientFlags.push("--scratch-dir", path);
    },
    async strike(stage, { at, random }) {
      if (!(await stage.reached(at))) return false;
      for (const client of stage.clients) client.excuse(6);
      await keepFull(join(stage.directory, "scratch"), new Promise(() => undefined), between(random, 1000, 4000));
      return true;
    },
  },
];
