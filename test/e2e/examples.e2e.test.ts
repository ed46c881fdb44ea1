import { cp, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { dataMissing, dataPath, repositoryPath, runSkyscan } from "@skyscan/testing";
import type { SkyscanEnd } from "@skyscan/testing";
import { bronze, bronzeName } from "./events.ts";
import { freshDirectories } from "./fresh-directories.ts";
import { scanning } from "./scanning.ts";

// The examples, and the commands that look into recos, events and results, as a user types them.

const examples = repositoryPath("examples");
const oldResult = dataPath("events/run00136662-evt000035405932-BRONZE-8_64_512.npz");
const env = { SKYSCAN_BROKER_ADDRESS: undefined, SKYSCAN_BROKER_AUTH: undefined, SKYSCAN_BROKER_CLIENT: undefined };

const freshDirectory = freshDirectories();
let directory: string;
beforeAll(async () => {
  directory = await freshDirectory();
});

const skyscan = (...args: readonly string[]): Promise<SkyscanEnd> => runSkyscan(args, { env, cwd: directory });

/** A copy of the Python example in which one thing is another. */
async function spoilt(name: string, change: (source: string) => string): Promise<string> {
  const copy = join(directory, name);
  await cp(join(examples, "reco-python"), copy, { recursive: true });
  const program = join(copy, "reco.py");
  await writeFile(program, change(await readFile(program, "utf8")));
  return copy;
}

describe("skyscan recos", () => {
  test.each(["reco-python", "reco-shell"])("check: the example %s conforms", async (name) => {
    const end = await skyscan("recos", "check", join(examples, name));
    expect(end).toMatchObject({ status: 0, stderr: "" });
    expect(end.stdout).toMatch(/\nconforms\n$/);
    expect(end.stdout).not.toMatch(/^failed/m);
  });

  test("check: one that answers another unit than it was asked does not conform, and says where", async () => {
    const wrong = await spoilt("wrong", (source) => source.replace('"unit": line["unit"]', '"unit": "1/0/0"'));
    const end = await skyscan("recos", "check", wrong);
    expect(end.status).toBe(1);
    expect(end.stdout).toMatch(/^failed/m);
    expect(end.stdout).toMatch(/does NOT conform\n$/);
  });

  test("check: a directory without manifest is wrong usage", async () => {
    await mkdir(join(directory, "empty"));
    const end = await skyscan("recos", "check", join(directory, "empty"));
    expect(end).toMatchObject({ status: 2, stdout: "" });
    expect(end.stderr).toContain("no reco.json");
  });

  test("lists what there is, and shows one", async () => {
    const list = await skyscan("recos", "--reco-path", examples);
    expect(list.status).toBe(0);
    for (const name of ["dummy", "pandel_spe", "example_python", "example_shell"]) expect(list.stdout).toContain(name);
    const one = await skyscan("recos", "pandel_spe");
    expect(JSON.parse(one.stdout)).toMatchObject({
      name: "pandel_spe",
      protocol: 1,
      manifestSha256: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
    });
    const none = await skyscan("recos", "nosuch");
    expect(none).toMatchObject({ status: 2, stdout: "" });
    expect(none.stderr).toContain("nosuch");
  });

  test.skipIf(dataMissing !== undefined)("run: one unit of a real event, with everything that was said", async () => {
    const end = await skyscan("recos", "run", "pandel_spe", "--unit", "8/340/0", "--event", bronze);
    expect(end.status).toBe(0);
    expect(JSON.parse(end.stdout)).toMatchObject({ kind: "result", result: { llh: expect.closeTo(946.317, 2) as number } });
    expect(end.stderr).toMatch(/^> \{"type":"unit","unit":"8\/340\/0"/m);
    const wrong = await skyscan("recos", "run", "pandel_spe", "--unit", "8/340", "--event", bronze);
    expect(wrong).toMatchObject({ status: 2, stdout: "" });
    expect(wrong.stderr).toContain("8/340");
  });
});

describe("a scan", () => {
  test.each(["example_python", "example_shell"])("with the reco %s completes", async (reco) => {
    const scan = scanning(join(directory, reco), { reco, nsides: ["1:0"] });
    const server = scan.server("--reco-path", examples);
    const client = scan.client("--reco-path", examples);
    expect(await server.ended).toMatchObject({ status: 0 });
    expect(await client.ended).toMatchObject({ status: 0 });
    expect((await scan.manifest())!.failures["failed units"]).toBe(0);
    expect((await scan.manifest())!.best_fit!.llh).toBeGreaterThan(0);
    expect((await scan.npz("1")).length).toBeGreaterThan(0);
  });
});

describe.skipIf(dataMissing !== undefined)("with a real event", () => {
  test("event show and dump", async () => {
    const json = await skyscan("event", "show", "--json", bronze);
    expect(json).toMatchObject({ status: 0, stderr: "" });
    expect(JSON.parse(json.stdout)).toMatchObject({
      name: bronzeName,
      metadata: { runId: 136662, eventId: 35405932, isRealEvent: true },
      pulses: { doms: 176, pulses: 763 },
    });
    const people = await skyscan("event", "show", bronze);
    expect(people.stdout).toContain(bronzeName);
    const dump = await skyscan("event", "dump", bronze);
    expect(dump.status).toBe(0);
    expect(dump.stdout).toMatch(/^frame P: /m);
    expect(dump.stdout).toContain("SplitUncleanedInIcePulses");
  });

  describe("results", () => {
    let npz: string;
    beforeAll(async () => {
      const scan = scanning(join(directory, "results"), {
        event: bronze,
        eventName: bronzeName,
        reco: "dummy",
        nsides: ["2:0"],
      });
      expect(await scan.scan("--clients", "1").ended).toMatchObject({ status: 0 });
      npz = join(directory, "results", "out", `${bronzeName}_2.npz`);
    });

    test("show: for people and as JSON", async () => {
      const people = await skyscan("result", "show", npz);
      expect(people).toMatchObject({ status: 0, stderr: "" });
      expect(people.stdout).toContain("best fit");
      const json = await skyscan("result", "show", "--json", npz);
      expect(JSON.parse(json.stdout)).toMatchObject({
        event: { runId: 136662 },
        nsides: [{ nside: 2, pixels: 48, complete: true }],
        bestFit: { nside: 2 },
      });
    });

    test("show: a file without header says nothing of directions until it is told how its declinations are meant", async () => {
      const refused = await skyscan("result", "show", oldResult);
      expect(refused).toMatchObject({ status: 2, stdout: "" });
      expect(refused.stderr).toContain("--dec-convention");
      const told = await skyscan("result", "show", oldResult, "--dec-convention", "old");
      expect(told.status).toBe(0);
      expect(told.stdout).toContain("RA 47.197 deg, dec -3.284 deg");
    });

    test("convert: both ways, losing nothing", async () => {
      const json = join(directory, "converted.json");
      const back = join(directory, "back.npz");
      expect(await skyscan("result", "convert", npz, json)).toMatchObject({ status: 0, stdout: `${json}\n` });
      expect(await skyscan("result", "convert", json, back)).toMatchObject({ status: 0 });
      expect((await readFile(back)).equals(await readFile(npz))).toBe(true);
    });

    test("compare: 0 for the same and the close, 1 for the different", async () => {
      interface Level {
        readonly columns: readonly string[];
        readonly data: number[][];
      }
      const json = await readFile(npz.replace(/npz$/, "json"), "utf8");
      const changed = async (name: string, factor: number): Promise<string> => {
        const sky = JSON.parse(json) as Record<string, Level>;
        const { columns, data } = sky["nside-2"]!;
        data[0]![columns.indexOf("llh")]! *= factor;
        await writeFile(join(directory, name), JSON.stringify(sky));
        return join(directory, name);
      };
      const same = await skyscan("result", "compare", npz, npz.replace(/npz$/, "json"));
      expect(same).toMatchObject({ status: 0 });
      expect(same.stdout).toMatch(/^equal\n/);
      const close = await skyscan("result", "compare", npz, await changed("close.json", 1 + 1e-7));
      expect(close).toMatchObject({ status: 0 });
      expect(close.stdout).toMatch(/^close\n/);
      const diff = join(directory, "diff.json");
      const other = await skyscan("result", "compare", npz, await changed("different.json", 1.5), "--diff", diff);
      expect(other).toMatchObject({ status: 1 });
      expect(other.stdout).toMatch(/^different\n/);
      expect(JSON.stringify(JSON.parse(await readFile(diff, "utf8")))).toMatch(/"nside-2":.*false/);
      expect(await skyscan("result", "compare", npz, join(directory, "nowhere.npz"))).toMatchObject({ status: 2 });
    });
  });
});

describe("the machine and the release", () => {
  test("doctor says what works here", async () => {
    const end = await skyscan("doctor");
    expect(end.status).toBe(0);
    for (const about of ["Node", "recos", "geometry", "broker"]) expect(end.stdout).toMatch(new RegExp(`^ok +${about}`, "m"));
  });

  test("--version is one line with the release", async () => {
    expect(await skyscan("--version")).toMatchObject({ status: 0, stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) as string });
  });
});
