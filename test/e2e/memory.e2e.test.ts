import { readFile } from "node:fs/promises";
import { describe, expect, test } from "vitest";
import { freshDirectories } from "./fresh-directories.ts";
import { scanning } from "./scanning.ts";

// The server is bounded: what it keeps of a pixel is some 70 bytes, and results are written in pieces. A quarter of the sky that the
// promise speaks of (nside 256 within 300 MB), so that it runs in minutes.

const freshDirectory = freshDirectories();

/** Highest resident memory of a process so far, MB. */
async function peakMb(pid: number): Promise<number | undefined> {
  const status = await readFile(`/proc/${pid}/status`, "utf8").catch(() => "");
  const kb = /VmHWM:\s+(\d+) kB/.exec(status)?.[1];
  return kb === undefined ? undefined : Number(kb) / 1024;
}

describe("a whole sky of nside 128", () => {
  test("196,608 units, written out again and again, never take the server above 250 MB", { timeout: 1_000_000 }, async () => {
    const scan = scanning(await freshDirectory(), {
      reco: "dummy",
      nsides: ["128:0"],
      env: { SKYSCAN_RESULT_INTERVAL_SEC: "5" },
    });
    const server = scan.server();
    const client = scan.client("--slots", "2");
    await server.said("the scan is complete", 900);
    // The kernel's own high-water mark. Maps and pictures are left out: a child makes them, for minutes at this size.
    const peak = await peakMb(server.pid);
    expect(await server.ended).toMatchObject({ status: 0 });
    expect(await client.ended).toMatchObject({ status: 0 });
    expect(peak).toBeGreaterThan(50);
    expect(peak).toBeLessThan(250);
  });
});
