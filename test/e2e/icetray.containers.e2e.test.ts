// IceTray's recos in real containers, with the manifests and adapters as they are; the image holds a stand-in for the scanner's Python.
import { cp, mkdir, readFile, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { containerEnvironment, podman, repositoryPath, runSkyscan } from "@skyscan/testing";
import { insideImage, makeEvent, makeGcdDirectory, makeTables } from "../icetray/image-stand-in.ts";
import { standInImage, standInImageMissing } from "../icetray/stand-in-image.ts";
import { simulatedName } from "./events.ts";
import { freshDirectories } from "./fresh-directories.ts";
import { scanning } from "./scanning.ts";

const freshDirectory = freshDirectories();

describe.skipIf(standInImageMissing !== undefined)("IceTray's recos in a container", () => {
  let resources: string;
  let event: string;
  let gcdDir: string;
  let surroundings: Readonly<Record<string, string | undefined>>;
  beforeAll(async () => {
    const directory = await freshDirectory();
    event = await makeEvent(directory);
    gcdDir = await makeGcdDirectory(join(directory, "baseline gcds"));
    const image = await standInImage(gcdDir);
    // The recos as they are, but for the image's name.
    resources = join(directory, "resources");
    await mkdir(resources);
    for (const name of ["recos", "recos_warm"]) {
      await cp(repositoryPath("resources", name), join(resources, name), { recursive: true });
      for (const reco of await readdir(join(resources, name))) {
        const path = join(resources, name, reco, "reco.json");
        const text = await readFile(path, "utf8").catch(() => undefined);
        if (text !== undefined) await writeFile(path, text.replaceAll("icecube/skymap_scanner:3.22.1", image));
      }
    }
    surroundings = {
      ...(await containerEnvironment()),
      SKYSCAN_CONTAINER: "podman",
      SKYSCAN_DOCKER_PULL_ALWAYS: "0",
      SKYSCAN_GCD_SOURCES: gcdDir,
      SKYSCAN_GCD_URL: "none",
      SKYSCAN_MINI_TEST: "true",
      I3_DATA: await makeTables(join(directory, "tables, mounted")),
    };
  });

  const sky = async (env: object, ...flags: readonly string[]): Promise<unknown> => {
    const directory = await freshDirectory();
    const scan = scanning(directory, { event, reco: "millipede", nsides: ["1:0"], env: { ...surroundings, ...env } });
    const end = await scan.scan("--clients", "2", "--gcd-dir", gcdDir, ...flags).ended;
    expect(end, end.stderr).toMatchObject({ status: 0 });
    expect((await scan.manifest())!.failures["failed units"]).toBe(0);
    return JSON.parse(await readFile(join(directory, "out", `${simulatedName}_1.json`), "utf8"));
  };

  test("a scan is prepared there and fitted by a warm process for each slot; the numbers are those without a container", async () => {
    const flags = ["--reco-path", join(resources, "recos_warm")];
    const contained = await sky({}, ...flags);
    expect(await podman("ps", "--all", "--format={{.Image}}")).not.toContain("icetray-stand-in");
    expect(contained).toEqual(await sky({ ...insideImage("3.22.1"), SKYSCAN_CONTAINER: "none" }, ...flags));
  });

  test.each([
    ["a process for each fit", "recos", "millipede"],
    ["a warm process, its tables below I3_DATA", "recos_warm", "splinempe"],
  ])("one unit with %s; the image's settings of its mathematics stay", async (_how, variant, name) => {
    const flags = ["--unit", "1/5/0", "--event", event, "--gcd-dir", gcdDir, "--reco-path", join(resources, variant)];
    const end = await runSkyscan(["recos", "run", name, ...flags], { env: surroundings });
    expect(end, end.stderr).toMatchObject({ status: 0 });
    expect(JSON.parse(end.stdout)).toMatchObject({ kind: "result", result: { llh: expect.any(Number) as number } });
    expect(end.stderr).toMatch(/^\| stand-in: tables of \w+ loaded, maths of Image$/m);
  });
});
