// Recos in real containers: podman, also under the name of docker, with an image of nothing but busybox.
import { chmod, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { busyboxImage, containersMissing, podman } from "@skyscan/testing";
import { createImages } from "../src/container/images.ts";
import { silentLogger } from "@skyscan/runtime";
import { runPrepare } from "../src/prepare.ts";
import { createContainerBench, oneshotAnswer, oneshotVariables, streamReply } from "./container-bench.ts";
import type { ContainerBench } from "./container-bench.ts";
import { forever, unitOf } from "./fixture-reco.ts";

describe.skipIf(containersMissing !== undefined)("a reco in a container", () => {
  let on: ContainerBench;
  beforeEach(async () => {
    on = await createContainerBench();
  });
  afterEach(() => on.bench.dispose());

  describe.each(["podman", "docker"] as const)("of %s", (container) => {
    test("in mode oneshot answers as on the host, and the container is gone afterwards", async () => {
      const one = await on.runner(await on.oneshot(`cat "$1" > "$NOTES"; ${oneshotAnswer} > "$2"`), { container });
      expect(await one.run(unitOf(1), forever())).toMatchObject({ kind: "result", result: { llh: 1.5 } });
      expect(JSON.parse((await on.notes())[0]!)).toMatchObject({ type: "unit", unit: "8/1/0" });
      expect(await on.containers()).toBe("");
    });

    test("in mode stream stays warm: one container for all units, gone when the client leaves", async () => {
      const one = await on.runner(await on.stream(`hostname >> "$NOTES"; ${streamReply}`), { container });
      expect(await one.run(unitOf(1), forever())).toMatchObject({ kind: "result", result: { llh: 2.5 } });
      expect(await one.run(unitOf(2), forever())).toMatchObject({ kind: "result", result: { llh: 2.5 } });
      expect(new Set(await on.notes()).size).toBe(1);
      expect(await on.containers()).toMatch(/^skyscan-fixture_[0-9a-f]+-3-[0-9a-f]+ Up/);
      await one.close();
      expect(await on.containers()).toBe("");
    });
  });

  describe("sees", () => {
    test("its directory and the startup file, which it cannot change, its scratch, where it works, and no network", async () => {
      const reco = await on.oneshot(`
        [ "$PWD" = "$SKYSCAN_SCRATCH" ] && touch x && echo "works in scratch" >> "$NOTES"
        touch "$(dirname "$0")/x" 2> /dev/null && echo "changes its directory" >> "$NOTES"
        echo >> "$SKYSCAN_STARTUP" 2> /dev/null && echo "changes the startup file" >> "$NOTES"
        grep -c '"event"' "$SKYSCAN_STARTUP" >> "$NOTES"
        ls /sys/class/net | xargs >> "$NOTES"
        ${oneshotAnswer} > "$2"`);
      expect(await (await on.runner(reco)).run(unitOf(1), forever())).toMatchObject({ kind: "result" });
      expect(await on.notes()).toEqual(["works in scratch", "1", "lo"]);
    });

    test("the network when its manifest asks for it, memory to share as large as it says, and what it binds", async () => {
      const tables = join(on.bench.directory, "tables: a, b");
      await writeFile(tables, "tables\n");
      const reco = await on.oneshot(
        `ls /sys/class/net | wc -w >> "$NOTES"; df -m /dev/shm | awk 'NR == 2 { print $2 }' >> "$NOTES"
         cat "$TABLES" >> "$NOTES"; echo >> "$TABLES" 2> /dev/null || echo read-only >> "$NOTES"; ${oneshotAnswer} > "$2"`,
        { run: { network: true, shmSize: "37mb", passEnv: ["TABLES"], binds: ["{{ENV:TABLES}}", "/no/such/directory"] } },
      );
      const one = await on.runner(reco, { environment: { ...on.environment, TABLES: tables } });
      expect(await one.run(unitOf(1), forever())).toMatchObject({ kind: "result" });
      const [interfaces, ...rest] = await on.notes();
      expect(Number(interfaces)).toBeGreaterThan(1);
      expect(rest).toEqual(["37", "tables", "read-only"]);
    });

    test("its own environment and the image's, and nothing else of the client's", async () => {
      const passEnv = ["TOKEN"];
      const environment = {
        ...on.environment,
        TOKEN: "a b\n'c",
        OTHER: "other",
        http_proxy: "http://x",
        SKYSCAN_BROKER_AUTH: "no",
      };
      const seen: string[] = [];
      const reco = await on.oneshot(`env -0 | tr '\\n\\0' '~\\n' > "$NOTES"; ${oneshotAnswer} > "$2"`, { run: { passEnv } });
      const observer = { started: ({ argv }: { readonly argv: readonly string[] }) => void seen.push(...argv) };
      await (await on.runner(reco, { environment, observer })).run(unitOf(1), forever());
      const inside = Object.fromEntries((await on.notes()).map((line) => line.split(/=(.*)/, 2) as [string, string]));
      expect(inside).toMatchObject({ TOKEN: "a b~'c", PATH: "/bin", LC_ALL: "C.UTF-8", SKYSCAN_SLOT: "3" });
      expect(inside["HOME"]).toBe(inside["SKYSCAN_SCRATCH"]);
      expect(Object.keys(inside).sort()).toEqual(
        [...oneshotVariables, "TOKEN", "PATH", "HOSTNAME", "TERM", "container", "PWD", "SHLVL"].sort(),
      );
      expect(seen.join(" ")).not.toContain("a b\n");
    });
  });

  test("runs through its image's entrypoint, as the client's user and not as the image's", async () => {
    const image = "localhost/skyscan-test-entrypoint";
    const entrypoint = `["sh","-c","FROM_ENTRYPOINT=yes exec \\"$@\\"","entry"]`;
    await writeFile(
      join(on.bench.directory, "Dockerfile"),
      `FROM ${await busyboxImage()}\nUSER 1234:1234\nENTRYPOINT ${entrypoint}\n`,
    );
    await podman("build", "--quiet", "--pull=never", "--isolation=chroot", `--tag=${image}`, on.bench.directory);
    const reco = await on.oneshot(`echo "$FROM_ENTRYPOINT" > "$NOTES"; id -u >> "$NOTES"; ${oneshotAnswer} > "$2"`, {
      run: { image: { docker: image } },
    });
    expect(await (await on.runner(reco)).run(unitOf(1), forever())).toMatchObject({ kind: "result" });
    expect(await on.notes()).toEqual(["yes", String(process.getuid?.())]);
    const { uid, gid } = await stat(join(on.hub, "notes"));
    expect([uid, gid]).toEqual([process.getuid?.(), process.getgid?.()]);
  });

  test("may be an executable of its directory, or beside it", async () => {
    const reco = await on.oneshot(`#!/bin/sh\n${oneshotAnswer} > "$2"`, {
      run: { command: ["../reco-1/reco.sh", "{{INFILE}}", "{{OUTFILE}}"] },
    });
    await chmod(join(reco.dir, "reco.sh"), 0o755);
    expect(await (await on.runner(reco)).run(unitOf(1), forever())).toMatchObject({ kind: "result", result: { llh: 1.5 } });
  });

  describe("that is ended", () => {
    test("by its time limit is told so, and is gone then, whatever it does about it", async () => {
      const reco = await on.oneshot(`trap 'echo told >> "$NOTES"' TERM; echo begun >> "$NOTES"; while :; do sleep 0.1; done`);
      const one = await on.runner(reco, { timeoutSec: 2 });
      expect(await one.run(unitOf(1), forever())).toMatchObject({ kind: "failure", code: "timed-out" });
      expect(await on.notes()).toEqual(["begun", "told"]);
      expect(await on.containers()).toBe("");
    });

    test("by a warm unit's time limit is gone before the next one is begun in another", async () => {
      const reco = await on.stream(`hostname >> "$NOTES"; [ $unit = 8/1/0 ] && sleep 1000; ${streamReply}`);
      const one = await on.runner(reco, { timeoutSec: 1.5 });
      expect(await one.run(unitOf(1), forever())).toMatchObject({ kind: "failure", code: "timed-out" });
      expect(await on.containers()).toBe("");
      expect(await one.run(unitOf(2), forever())).toMatchObject({ kind: "result" });
      expect(new Set(await on.notes()).size).toBe(2);
    });

    test("because nobody wants it any more is gone, too, and has not failed", async () => {
      const reco = await on.oneshot(`echo begun >> "$NOTES"; sleep 1000`);
      const one = await on.runner(reco);
      const abort = new AbortController();
      const ended = one.run(unitOf(1), abort.signal);
      await expect.poll(() => on.notes(), { timeout: 20_000, interval: 20 }).toEqual(["begun"]);
      abort.abort();
      expect(await ended).toMatchObject({ kind: "cancelled" });
      expect(await on.containers()).toBe("");
    });

    test("before it was there at all leaves none", async () => {
      const one = await on.runner(await on.oneshot(`sleep 1000`), { timeoutSec: 0.01 });
      expect(await one.run(unitOf(1), forever())).toMatchObject({ kind: "failure", code: "timed-out" });
      expect(await on.containers()).toBe("");
    });
  });

  describe("that cannot be had", () => {
    test.each([
      ["is an image that was never made", "localhost/no-such-image", /no image localhost\/no-such-image/],
      [
        "comes from a registry that does not answer",
        "127.0.0.1:1/no/such:1",
        /127\.0\.0\.1:1\/no\/such:1 could not be pulled with podman.*refused/s,
      ],
    ])("because it %s is image-failed and says why", async (_why, docker, says) => {
      const one = await on.runner(await on.oneshot("", { run: { image: { docker } } }));
      const failed = one.run(unitOf(1), forever());
      await expect(failed).rejects.toMatchObject({ code: "image-failed" });
      await expect(failed).rejects.toThrow(says);
    });

    test("is not asked for when it is there already, unless that is wanted; one that was made here never is", async () => {
      const there = "127.0.0.1:1/skyscan/there:1";
      await podman("tag", await busyboxImage(), there);
      try {
        const reco = await on.oneshot(`${oneshotAnswer} > "$2"`, { run: { image: { docker: there } } });
        expect(await (await on.runner(reco)).run(unitOf(1), forever())).toMatchObject({ kind: "result" });
        const images = createImages({ pullAlways: true, environment: on.environment, logger: silentLogger });
        const local = await on.oneshot(`${oneshotAnswer} > "$2"`);
        expect(await (await on.runner(local, { images })).run(unitOf(1), forever())).toMatchObject({ kind: "result" });
        await expect((await on.runner(reco, { images })).run(unitOf(1), forever())).rejects.toMatchObject({
          code: "image-failed",
        });
      } finally {
        await podman("untag", there, there).catch(() => undefined);
        await podman("rmi", there).catch(() => undefined);
      }
    });

    test.each([
      ["not in the image", "no-such-command"],
      ["not executable", "/etc"],
    ])("because its command is %s is start-failed and names it", async (_what, command) => {
      for (const mode of ["oneshot", "stream"]) {
        const reco = await on.oneshot("", { run: { mode, command: [command] } });
        const failed = (await on.runner(reco)).run(unitOf(1), forever());
        await expect(failed).rejects.toMatchObject({ code: "start-failed" });
        await expect(failed).rejects.toThrow(`command ${command} cannot be executed in the image`);
      }
      expect(await on.containers()).toBe("");
    });

    test("because the engine refuses is image-failed with its words", async () => {
      const reco = await on.oneshot("", { run: { shmSize: "1b" }, timeoutSec: 30 });
      const failed = (await on.runner(reco, { startupPath: "/no/such/startup.json" })).run(unitOf(1), forever());
      await expect(failed).rejects.toMatchObject({ code: "image-failed" });
      await expect(failed).rejects.toThrow(/podman could not start a container.*\/no\/such\/startup\.json/s);
    });
  });

  test("that ends with a status which engines have, too, has crashed like any other", async () => {
    const one = await on.runner(await on.oneshot(`echo "no such table" >&2; no-such-program; exit 127`));
    expect(await one.run(unitOf(1), forever())).toMatchObject({ kind: "failure", code: "crashed", message: /127/ });
  });

  test("prepares in its container, too: the event and the geometry are there", async () => {
    const event = join(on.bench.directory, "the event.json");
    const gcdDir = join(on.bench.directory, "bin");
    await writeFile(event, "the event\n");
    const script = `[ "$(cat "$1")" = "the event" ] && echo '{"x-user":"'$(hostname)'","baseline_GCD_file":null}' > "$2"`;
    const command = ["sh", "{{RECO_DIR}}/reco.sh", "{{INFILE}}", "{{OUTFILE}}"];
    const reco = await on.oneshot(script, { prepare: { command, image: { docker: await busyboxImage() } } });
    const options = {
      reco,
      eventFile: event,
      gcdDir,
      isRealEvent: false,
      scratchDir: on.bench.scratchDir,
      environment: on.environment,
    };
    expect(await runPrepare({ ...options, container: "podman" })).toMatchObject({
      "x-user": expect.stringMatching(/^[0-9a-f]{12}$/) as string,
    });
    expect(await on.containers()).toBe("");
  });
});
