// Starts processes: a user namespace with a small file system of its own (unshare, mount), where the built package writes until it is full.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { repositoryPath } from "@skyscan/testing";
import { describe, expect, it } from "vitest";

const built = repositoryPath("packages/skymap/dist/index.js");
const inSmallDisk = (command: string, ...args: string[]): ReturnType<typeof spawnSync> =>
  spawnSync("env", ["unshare", "-rm", "sh", "-c", `mount -t tmpfs -o size=64k tmpfs /mnt && ${command}`, "sh", ...args], {
    encoding: "utf8",
  });
const missing = !existsSync(built) ? "not built" : inSmallDisk("true").status === 0 ? undefined : "no user namespaces here";

describe.skipIf(missing !== undefined)(`a full disk${missing === undefined ? "" : ` (skipped: ${missing})`}`, () => {
  it("is an error with ENOSPC as its cause; the last result stays whole and nothing temporary is left", () => {
    const script = `
      const { createSkymap, writeSkymapFiles, readSkymapFile } = await import(${JSON.stringify(pathToFileURL(built).href)});
      const { readdirSync } = await import("node:fs");
      const sky = (n) => createSkymap([{ nside: 64, columns: Object.fromEntries(
        ["index", "llh", "E_in", "E_tot", "X", "Y", "Z", "T"].map((name) => [name, Float64Array.from({ length: n }, (_, k) => k)])) }]);
      await writeSkymapFiles("/mnt", sky(10), "event");
      const error = await writeSkymapFiles("/mnt", sky(5000), "event").then(() => undefined, (thrown) => thrown);
      console.log(JSON.stringify({ code: error?.code, cause: error?.cause?.code, message: error?.message, files: readdirSync("/mnt").sort(),
        rows: (await readSkymapFile("/mnt/event_64.npz")).levels[0].columns.index.length }));`;
    const { stdout, stderr } = inSmallDisk('exec "$@"', process.execPath, "--input-type=module", "-e", script);
    expect(stderr).toBe("");
    expect(JSON.parse(stdout as string)).toEqual({
      code: "write",
      cause: "ENOSPC",
      message: expect.stringContaining("/mnt/event_64.npz") as string,
      files: ["event_64.json", "event_64.npz"],
      rows: 10,
    });
  });
});
