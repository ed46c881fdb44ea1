import { cp, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { repositoryPath, runSkyscan } from "@skyscan/testing";
import { freshDirectories } from "./fresh-directories.ts";
import { scanning } from "./scanning.ts";

// Clients come with the wrong reco, with the wrong token.

const freshDirectory = freshDirectories();

describe("a client", () => {
  test("whose copy of the reco differs leaves with 7 and says how to mend it; one whose token is wrong with 2, without showing it", async () => {
    const directory = await freshDirectory();
    const [ours, theirs] = [join(directory, "ours", "mine"), join(directory, "theirs", "mine")];
    for (const [copy, version] of [
      [ours, "1.0.0"],
      [theirs, "1.0.1"],
    ] as const) {
      await mkdir(copy, { recursive: true });
      await cp(repositoryPath("examples/reco-shell"), copy, { recursive: true });
      const manifest = JSON.parse(await readFile(join(copy, "reco.json"), "utf8")) as object;
      await writeFile(join(copy, "reco.json"), JSON.stringify({ ...manifest, name: "mine", version }));
    }
    const scan = scanning(directory, { reco: "mine", nsides: ["1:0"] });
    const server = scan.server("--reco-path", join(ours, ".."));
    await server.said("clients may start");

    const other = await scan.client("--reco-path", join(theirs, "..")).ended;
    expect(other.status).toBe(7);
    for (const text of ["mine 1.0.1", "mine 1.0.0", "SKYSCAN_RECO_PATH"]) expect(other.stderr).toContain(text);
    const without = await scan.client().ended;
    expect(without.status).toBe(7);
    expect(without.stderr).toContain('no reco "mine"');

    const wrong = await runSkyscan(["client", "--client-startup-json", scan.startup, "--reco-path", join(ours, "..")], {
      env: { ...scan.env, SKYSCAN_BROKER_AUTH: "not-the-token" },
    });
    expect(wrong).toMatchObject({ status: 2, stdout: "" });
    expect(wrong.stderr).toContain("token");
    expect(wrong.stderr).not.toContain("not-the-token");

    const right = scan.client("--reco-path", join(ours, ".."));
    expect(await server.ended).toMatchObject({ status: 0 });
    expect(await right.ended).toMatchObject({ status: 0 });
  });
});
