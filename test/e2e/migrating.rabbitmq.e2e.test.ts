// The right column of docs/migrating-from-v3.md, typed as it stands there, over a real RabbitMQ that takes tokens. Different are only:
// * `host`: where the test's broker listens;
// * `--nsides 1:0` behind the scans: the predecessor's progression takes hours;
// * IceTray: a stand-in for the images' Python, since there is none here. The names of the reco and of the event are as they stand there;
// * `--dryrun` behind client_starter: a pool takes what it prints in start-clients.condor.e2e.test.ts.
import { copyFile, mkdir, readFile, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { encodeEvent, parseEvent, writeI3File } from "@skyscan/icecube";
import { dataMissing, rabbitmqMissing, readJson, repositoryPath } from "@skyscan/testing";
import { insideImage, makeGcdDirectory } from "../icetray/image-stand-in.ts";
import { bronzeName } from "./events.ts";
import { readMigratingPage } from "./migrating-page.ts";
import { migratingStage } from "./migrating-stage.ts";
import type { MigratingStage } from "./migrating-stage.ts";

const page = await readMigratingPage();
const short = "--nsides 1:0";

const baselineGcd = "baseline_gcd_136897.i3";

/** An event file: frames that name the baseline GCD file of the page. */
const eventOf = (runId: number): Uint8Array =>
  encodeEvent({
    runId,
    eventId: 7,
    eventType: "neutrino",
    start: { year: 2022, tenthsOfNs: 5n },
    durationNs: 1,
    doms: [{ string: 36, om: 40, pmt: 0, pulses: [[10_000, 1.5, 8, 7]] }],
    baselineGcd,
  });
const runs = [123456, 123457];

/** What the manifest of a scan says that went well. */
const complete = { state: "finished", preliminary: false, failures: { "failed units": 0 } };

/** A whole line, in which `…` is anything. */
const asPattern = (line: string): RegExp =>
  new RegExp(
    `^${line
      .split("…")
      .map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"))
      .join(".*")}$`,
  );

describe.skipIf(rabbitmqMissing !== undefined || dataMissing !== undefined)("docs/migrating-from-v3.md", () => {
  let stage: MigratingStage;
  let icetray: Readonly<Record<string, string | undefined>>;
  beforeAll(async () => {
    stage = await migratingStage();
    const gcdDir = await makeGcdDirectory(join(await stage.checkout("image"), "baseline gcds"));
    await copyFile(join(gcdDir, "baseline_gcd_0.i3"), join(gcdDir, baselineGcd));
    icetray = {
      ...insideImage("3.22.1"),
      SKYSCAN_GCD_SOURCES: gcdDir,
      SKYSCAN_GCD_URL: "none",
      SKYSCAN_RESULT_EXTRAS: "no",
      // One warm process for each slot: one for each fit takes its time.
      SKYSCAN_RECO_PATH: repositoryPath("resources/recos_warm"),
    };
  });
  afterAll(() => (stage as MigratingStage | undefined)?.stop());

  /** Types lines behind the one that names the broker, this test's own; what a person sees then. */
  async function typed(directory: string, ...lines: readonly string[]): Promise<string> {
    const exported = page.command("export ").replace("=host/", `=${stage.broker}/`);
    const { status, stdout, stderr } = await stage.type(directory, [exported, ...lines], icetray);
    expect(status, stderr).toBe(0);
    expect(stdout + stderr).not.toContain(stage.token);
    return stdout;
  }

  test("says that a line is unchanged where it is", () => {
    const unchanged = page.lines.filter((row) => row.unchanged);
    expect(unchanged.length).toBeGreaterThan(0);
    for (const { old, now } of unchanged) expect(now).toEqual(old);
  });

  test("the alert: server, wait_for_file.sh and client", async () => {
    const directory = await stage.checkout("alert");
    await typed(
      directory,
      `${page.command("node server")} ${short} &`,
      page.command("./resources/launch_scripts/wait_for_file.sh"),
      page.command("node client"),
      "wait $!",
    );
    expect(await readJson(join(directory, `${bronzeName}.scan-manifest.json`))).toMatchObject(complete);
    expect(await readdir(directory)).toEqual(expect.arrayContaining([`${bronzeName}_1.npz`, "server_cache"]));
  });

  test("many events: a server for each of them, and scan-many; clients of all of them", async () => {
    const directory = await stage.checkout("many events");
    for (const run of runs) {
      await writeFile(join(directory, `${run}.json`), eventOf(run));
      await mkdir(join(directory, `startup/${run}.json`), { recursive: true });
    }
    await typed(
      directory,
      `${page.command("ls *.json | xargs")} ${short} &`,
      ...runs.map((run) => `./resources/launch_scripts/wait_for_file.sh startup/${run}.json/client-startup.json 600`),
      page.command("skyscan client --client-startup-json startup/*"),
      "wait $!",
    );
    const name = (run: number): string => `run00${run}.evt000000000007.neutrino`;
    for (const run of runs)
      expect(await readJson(join(directory, "out", `${name(run)}.scan-manifest.json`))).toMatchObject(complete);
    const table = await typed(
      directory,
      `${page.command("skyscan scan-many")} ${short} &`,
      page.command("skyscan client --client-startup-json startups"),
      "wait $!",
    );
    for (const run of runs) {
      expect(table).toMatch(new RegExp(`^${run} +done +100`, "m"));
      const [one, many] = ["out", join("out", String(run))].map((out) => join(directory, out, `${name(run)}_1.npz`));
      expect((await readFile(many!)).equals(await readFile(one!))).toBe(true);
    }
  });

  test("an .i3 file", async () => {
    const directory = await stage.checkout("i3 files");
    const frames = parseEvent(eventOf(123456), "made").frames.map(({ frame }) => frame);
    await writeI3File(join(directory, "EVENT_GCD.i3"), frames.slice(0, 3));
    await writeI3File(join(directory, "EVENT_FILE.i3"), frames.slice(3));
    await typed(directory, page.command("skyscan event convert"));
    expect(await readdir(directory)).toContain("run00123456.evt000000000007.sub000.json");
  });

  describe("clients on HTCondor", () => {
    let directory: string;
    beforeAll(async () => {
      directory = await stage.checkout("clients");
      // The startup file of a scan that goes on: its server is killed before it can say otherwise.
      const server = `${page.command("node server")} ${short} &`;
      await typed(directory, server, page.command("./resources/launch_scripts/wait_for_file.sh"), "kill -9 $!");
      await writeFile(join(directory, "my_client_args.json"), JSON.stringify({ "debug-directory": "/data/debug" }));
    });

    /** What would be submitted, the broker being the page's: this test's own is on loopback. */
    async function dryRun(command: string): Promise<readonly string[]> {
      const { status, stdout, stderr } = await stage.type(directory, [page.command("export "), `${command} --dryrun`]);
      expect(status, stderr).toBe(0);
      expect(stdout + stderr).not.toContain(stage.token);
      return stdout.split("\n");
    }

    test("client_starter submits what it submitted", async () => {
      const submitted = await dryRun(page.command("./resources/client_starter"));
      for (const line of [
        '+SingularityImage = "/cvmfs/icecube.opensciencegrid.org/containers/realtime/skymap_scanner:x.y.z"',
        'arguments = "client --client-startup-json client-startup.json --slots 1 --debug-directory /data/debug"',
        "request_memory = 8192M",
        "queue $(jobs:300)",
      ])
        expect(submitted).toContain(line);
    });

    describe("a line of a submit file", () => {
      const bare = "skyscan start-clients --jobs 1";
      let ofBare: readonly string[];
      beforeAll(async () => {
        ofBare = await dryRun(bare);
      });

      test.each(page.submitFile.map((row) => [row.old.join(", "), row] as const))("%s", async (_, { now, submitted }) => {
        expect(submitted.length).toBeGreaterThan(0);
        const own = now.some((flag) => flag.startsWith("--jobs ")) ? "skyscan start-clients" : bare;
        const lines = now.length === 0 ? ofBare : await dryRun([own, ...now].join(" "));
        for (const line of submitted) {
          const pattern = asPattern(line);
          expect(lines).toContainEqual(expect.stringMatching(pattern));
          // It is the flag that does it.
          if (now.length > 0) expect(ofBare).not.toContainEqual(expect.stringMatching(pattern));
        }
      });
    });
  });

  test("has no other command", () => {
    const inContainers = ["launch_server.sh …", "launch_client.sh --client-startup-json client-startup.json"];
    expect(page.notRun()).toEqual(inContainers.map((line) => `./resources/launch_scripts/docker/${line}`));
  });
});
