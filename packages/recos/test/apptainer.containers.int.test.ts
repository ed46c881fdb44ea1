// Recos under apptainer and singularity: a stand-in for both (stand-in-apptainer.sh) takes the command line and enters a real root file system.
import { execFile } from "node:child_process";
import { mkdir, readFile, symlink } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { busyboxImage, containersMissing, podman, repositoryPath } from "@skyscan/testing";
import { createImages } from "../src/container/images.ts";
import { silentLogger } from "@skyscan/runtime";
import type { RunnerOptions } from "../src/process/runner-options.ts";
import { createContainerBench, oneshotAnswer, oneshotVariables, streamReply } from "./container-bench.ts";
import type { ContainerBench } from "./container-bench.ts";
import { forever, isRunning, unitOf } from "./fixture-reco.ts";

const standIn = repositoryPath("packages/recos/test/stand-in-apptainer.sh");

describe.skipIf(containersMissing !== undefined).each(["apptainer", "singularity"] as const)(
  "a reco under %s (a stand-in)",
  (container) => {
    let on: ContainerBench;
    let image: string;
    let archive: string;
    let environment: NodeJS.ProcessEnv;
    beforeEach(async () => {
      on = await createContainerBench();
      const at = (name: string): string => join(on.bench.directory, name);
      image = at("busybox: a, sandbox");
      archive = at("busybox.tar");
      for (const directory of ["programs", "roots", "busybox: a, sandbox"]) await mkdir(at(directory));
      for (const name of ["apptainer", "singularity"]) await symlink(standIn, at(`programs/${name}`));
      const name = `${on.name}-export`;
      await podman("create", `--name=${name}`, await busyboxImage());
      await podman("export", `--output=${archive}`, name);
      await podman("rm", name);
      await promisify(execFile)("tar", ["-C", image, "-xf", archive]);
      environment = {
        ...on.environment,
        PATH: `${at("programs")}:${on.environment["PATH"] ?? ""}`,
        STAND_IN_DIRECTORY: at("roots"),
        STAND_IN_PULLS: at("pulls"),
        STAND_IN_REGISTRY: archive,
      };
    });
    afterEach(() => on.bench.dispose());

    const change = (more: Partial<RunnerOptions> = {}): Partial<RunnerOptions> => ({ container, environment, ...more });

    test("in mode oneshot answers as on the host; its directory is read-only, and there is no network", async () => {
      const reco = await on.oneshot(
        `[ "$PWD" = "$SKYSCAN_SCRATCH" ] && touch x && echo "works in scratch" >> "$NOTES"
       touch "$(dirname "$0")/x" 2> /dev/null && echo "changes its directory" >> "$NOTES"
       echo >> "$SKYSCAN_STARTUP" 2> /dev/null && echo "changes the startup file" >> "$NOTES"
       ls /sys/class/net | xargs >> "$NOTES";
       ${oneshotAnswer} > "$2"`,
        { run: { image: { singularity: image } } },
      );
      expect(await (await on.runner(reco, change())).run(unitOf(1), forever())).toMatchObject({
        kind: "result",
        result: { llh: 1.5 },
      });
      expect((await on.notes()).slice(0, 2)).toEqual(["works in scratch", "lo"]);
      expect(await on.notes()).not.toContain("changes its directory");
      expect(await on.notes()).not.toContain("changes the startup file");
    });

    test("gets its own environment, and nothing else of the client's", async () => {
      const reco = await on.oneshot(`env -0 | tr '\\n\\0' '~\\n' > "$NOTES"; ${oneshotAnswer} > "$2"`, {
        run: { image: { singularity: image }, passEnv: ["TOKEN"] },
      });
      const more = {
        TOKEN: "a b\n'c$(d)",
        OTHER: "x",
        TERM: "xterm",
        http_proxy: "http://x",
        APPTAINERENV_A: "a",
        SINGULARITYENV_A: "a",
      };
      await (await on.runner(reco, change({ environment: { ...environment, ...more } }))).run(unitOf(1), forever());
      const names = (await on.notes()).map((line) => line.split("=")[0]!);
      expect(await on.notes()).toContain("TOKEN=a b~'c$(d)");
      expect(names.sort()).toEqual(
        [...oneshotVariables, "TOKEN", "PATH", "PWD", "SHLVL", `${container.toUpperCase()}_CONTAINER`].sort(),
      );
    });

    test("in mode stream stays warm, and leaves when it is told to", async () => {
      const reco = await on.stream(`readlink /proc/self/ns/pid >> "$NOTES"; ${streamReply}`, {
        run: { image: { singularity: image } },
      });
      const one = await on.runner(reco, change());
      expect(await one.run(unitOf(1), forever())).toMatchObject({ kind: "result" });
      expect(await one.run(unitOf(2), forever())).toMatchObject({ kind: "result" });
      await one.close();
      expect(await on.notes()).toHaveLength(2);
      expect(new Set(await on.notes()).size).toBe(1);
    });

    test("that hangs is gone after its time limit, with all that it started", async () => {
      const mark = `100${process.pid}`;
      const reco = await on.oneshot(`trap '' TERM; setsid sleep ${mark} & echo begun >> "$NOTES"; while :; do sleep 0.1; done`, {
        run: { image: { singularity: image } },
      });
      let pid = 0;
      const observer = { started: (about: { readonly pid: number }) => void (pid = about.pid) };
      const one = await on.runner(reco, change({ timeoutSec: 2, observer }));
      expect(await one.run(unitOf(1), forever())).toMatchObject({ kind: "failure", code: "timed-out" });
      expect(await on.notes()).toEqual(["begun"]);
      expect(await isRunning(pid)).toBe(false);
      const sleeping = async (): Promise<string> =>
        promisify(execFile)("pgrep", ["-f", `^sleep ${mark}$`]).then(
          ({ stdout }) => stdout,
          () => "",
        );
      await expect.poll(sleeping, { timeout: 5_000 }).toBe("");
    });

    test("of an image with an address is pulled once for all slots, to a file in the data hub", async () => {
      const reco = await on.oneshot(`${oneshotAnswer} > "$2"`, { run: { image: { docker: "some/where:1" } } });
      const images = createImages({ environment, logger: silentLogger });
      const slots = await Promise.all([0, 1].map((slot) => on.runner(reco, change({ images, slot }))));
      const outcomes = await Promise.all(slots.map((one) => one.run(unitOf(1), forever())));
      expect(outcomes).toMatchObject([{ kind: "result" }, { kind: "result" }]);
      expect(await readFile(environment["STAND_IN_PULLS"]!, "utf8")).toBe("docker://some/where:1\n");
    });

    test("that cannot be had says what is missing", async () => {
      const run = async (run: Record<string, unknown>, more: NodeJS.ProcessEnv = {}): Promise<unknown> =>
        (await on.runner(await on.oneshot("", { run }), change({ environment: { ...environment, ...more } }))).run(
          unitOf(1),
          forever(),
        );
      await expect(run({ image: { singularity: "/cvmfs/nowhere.sif" } })).rejects.toMatchObject({
        code: "image-failed",
        message: expect.stringMatching(/no image \/cvmfs\/nowhere\.sif here/) as string,
      });
      await expect(run({ image: { docker: "some/where:1" } }, { STAND_IN_REGISTRY: "/nowhere" })).rejects.toMatchObject({
        code: "image-failed",
        message: expect.stringMatching(/docker:\/\/some\/where:1 could not be pulled with \w+: FATAL/) as string,
      });
      await expect(run({ image: { singularity: image }, command: ["no-such-command"] })).rejects.toMatchObject({
        code: "start-failed",
        message: expect.stringContaining("command no-such-command cannot be executed in the image") as string,
      });
    });
  },
);
