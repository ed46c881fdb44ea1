// Recos in real containers: podman, also under the name of docker, with an image of nothing but busybox.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { busyboxImage, containerEnvironment, containersMissing, podman } from "@skyscan/testing";
import type { Reco } from "../src/manifest/manifest-file.ts";
import type { RunnerOptions } from "../src/process/runner-options.ts";
import type { Runner } from "../src/runner/runner.ts";
import { createBench, forever, unitOf } from "./fixture-reco.ts";
import type { Bench, ManifestChange } from "./fixture-reco.ts";

const answer = `echo '{"type":"result","unit":"8/1/0","llh":1.5}'`;
/** In shell, since there is nothing else in the image. Answers as if every unit were the first pixel's. */
const stream = (onUnit: string): string => `
  while read -r line; do
    case $line in
      *'"type":"start"'*) echo '{"type":"ready","protocol":1,"name":"fixture","version":"1.0.0"}' ;;
      *'"type":"unit"'*) unit=$(echo "$line" | sed 's/.*"unit":"\\([^"]*\\)".*/\\1/'); ${onUnit} ;;
    esac
  done`;
const reply = `echo "{\\"type\\":\\"result\\",\\"unit\\":\\"$unit\\",\\"llh\\":2.5}"`;

describe.skipIf(containersMissing !== undefined)("a reco in a container", () => {
  let image: string;
  let environment: NodeJS.ProcessEnv;
  let bench: Bench;
  let hub: string;
  beforeAll(async () => {
    image = await busyboxImage();
    environment = { ...process.env, ...(await containerEnvironment()) };
  });
  beforeEach(async () => {
    bench = await createBench();
    hub = join(bench.directory, "the hub, with: odd=names");
  });
  afterEach(() => bench.dispose());

  const oneshot = (script: string, change: ManifestChange = {}): Promise<Reco> =>
    bench.oneshotReco(script, {
      ...change,
      run: { image: { docker: image }, env: { NOTES: "{{DATA_HUB}}/notes" }, ...change.run },
    });
  const warm = (onUnit: string, change: ManifestChange = {}): Promise<Reco> =>
    oneshot(stream(onUnit), { ...change, run: { mode: "stream", command: ["sh", "{{RECO_DIR}}/reco.sh"], ...change.run } });
  const runner = (reco: Reco, change: Partial<RunnerOptions> = {}): Promise<Runner> =>
    bench.runner(reco, { container: "podman", environment, dataHubDirectory: hub, ...change });
  const notes = async (): Promise<readonly string[]> =>
    (await readFile(join(hub, "notes"), "utf8")).split("\n").filter((line) => line !== "");
  /** Containers of this process's recos, running or not. */
  const containers = async (): Promise<string> =>
    (await podman("ps", "--all", "--filter=label=org.skyscan.reco=fixture", "--format={{.Names}} {{.Status}}")).trim();

  describe.each(["podman", "docker"] as const)("of %s", (container) => {
    test("in mode oneshot answers as on the host, and the container is gone afterwards", async () => {
      const one = await runner(await oneshot(`cat "$1" > "$NOTES"; ${answer} > "$2"`), { container });
      expect(await one.run(unitOf(1), forever())).toMatchObject({ kind: "result", result: { llh: 1.5 } });
      expect(JSON.parse((await notes())[0]!)).toMatchObject({ type: "unit", unit: "8/1/0" });
      expect(await containers()).toBe("");
    });

    test("in mode stream stays warm: one container for all units, gone when the client leaves", async () => {
      const one = await runner(await warm(`hostname >> "$NOTES"; ${reply}`), { container });
      expect(await one.run(unitOf(1), forever())).toMatchObject({ kind: "result", result: { llh: 2.5 } });
      expect(await one.run(unitOf(2), forever())).toMatchObject({ kind: "result", result: { llh: 2.5 } });
      expect(new Set(await notes()).size).toBe(1);
      expect(await containers()).toMatch(/^skyscan-fixture-3-[0-9a-f]+ Up/);
      await one.close();
      expect(await containers()).toBe("");
    });
  });
});
