import { execFileSync } from "node:child_process";
import { mkdir, readdir, statfs, writeFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { freshDirectories } from "./fresh-directories.ts";
import { scanning } from "./scanning.ts";
import type { Scanning } from "./scanning.ts";

/** Why a small file system cannot be made here, or undefined. */
function mountMissing(): string | undefined {
  try {
    execFileSync("unshare", ["--mount", "true"], { stdio: "ignore" });
    return undefined;
  } catch {
    return "only root can mount a small file system";
  }
}

const freshDirectory = freshDirectories();
const mounted: string[] = [];
afterAll(() => {
  for (const path of mounted) execFileSync("umount", ["-l", path]);
});

/** A scan one of whose directories is a file system of its own of four megabytes. */
async function onSmallDisk(name: "cache" | "out"): Promise<{ readonly scan: Scanning; readonly disk: string }> {
  const directory = await freshDirectory();
  const disk = join(directory, name);
  await mkdir(disk);
  execFileSync("mount", ["-t", "tmpfs", "-o", "size=4m", "tmpfs", disk]);
  mounted.push(disk);
  return { scan: scanning(directory, { reco: "dummy", nsides: ["2:0"] }), disk };
}

async function fill(disk: string): Promise<string> {
  const path = join(disk, "filler");
  const { bavail, bsize } = await statfs(disk);
  await writeFile(path, new Uint8Array(bavail * bsize));
  return path;
}

describe.skipIf(mountMissing() !== undefined)("a disk that fills up in mid-scan: status 6", () => {
  test.each(["cache", "out"] as const)("%s; when there is room again, the same command completes the scan", async (name) => {
    const { scan, disk } = await onSmallDisk(name);
    const slowly = ["--reco-option", "runtime=0.1"];
    const server = scan.server(...slowly);
    const client = scan.client();
    await scan.done(2);
    const filler = await fill(disk);
    const end = await server.ended;
    expect(end.status).toBe(6);
    expect(end.stderr).toContain(disk);
    expect(end.stderr).toContain("ENOSPC");
    expect((await readdir(disk, { recursive: true })).filter((path) => path.endsWith(".tmp"))).toEqual([]);
    await rm(filler);
    expect(await scan.server(...slowly).ended).toMatchObject({ status: 0 });
    expect(await client.ended).toMatchObject({ status: 0 });
    expect(await scan.manifest()).toMatchObject({ state: "finished", failures: { "failed units": 0 } });
  });
});
