// What becomes of real containers whose client is killed with SIGKILL.
import { once } from "node:events";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { containersMissing, descendants, podman } from "@skyscan/testing";
import { writeRecoStartup } from "../src/runner/reco-startup.ts";
import { madeUpStartup } from "../src/check/check-event.ts";
import { startClient } from "./client-process.ts";
import { createContainerBench, oneshotAnswer } from "./container-bench.ts";
import type { ContainerBench } from "./container-bench.ts";
import { forever, unitOf } from "./fixture-reco.ts";

describe.skipIf(containersMissing !== undefined)("a container whose client is killed", () => {
  let on: ContainerBench;
  beforeEach(async () => {
    on = await createContainerBench();
  });
  afterEach(() => on.bench.dispose());

  const hanging = `trap '' TERM; echo begun >> "$NOTES"; while :; do sleep 1; done`;
  const answering = `${oneshotAnswer} > "$2"`;

  /** A client process in whose container the reco hangs. */
  async function begun(): Promise<Awaited<ReturnType<typeof startClient>>> {
    const startupPath = join(on.bench.directory, "client-startup.json");
    await writeRecoStartup(madeUpStartup(), startupPath);
    const before = (await on.notes()).length;
    const reco = await on.oneshot(hanging);
    const options = { container: "podman", startupPath, dataHubDirectory: on.hub } as const;
    const client = await startClient(on.bench, reco, options, on.environment);
    await expect.poll(async () => (await on.notes()).length, { timeout: 30_000, interval: 20 }).toBe(before + 1);
    return client;
  }

  test("does not outlive it for long", async () => {
    const client = await begun();
    expect(await on.containers()).toMatch(/ Up /);
    client.kill("SIGKILL");
    await once(client, "exit");
    await expect.poll(() => on.containers(), { timeout: 20_000, interval: 50 }).toBe("");
  });

  test("together with what guards it, is found by the next client and removed; those of clients that live are not touched", async () => {
    const [killed, alive] = [await begun(), await begun()];
    const names = async (): Promise<readonly string[]> => (await on.containers()).split("\n").map((line) => line.split(" ")[0]!);
    const both = await names();
    expect(both).toHaveLength(2);
    const label = `--format={{index .Config.Labels "org.skyscan.client"}}`;
    const first = (await podman("inspect", label, both[0]!)).includes(`_${alive.pid}_`);
    const guards = [...(await descendants(killed.pid!)).entries()].filter(([, command]) => command.includes("groups="));
    expect(guards).toHaveLength(1);
    for (const [pid] of guards) process.kill(pid, "SIGKILL");
    killed.kill("SIGKILL");
    await once(killed, "exit");
    const next = await on.runner(await on.oneshot(answering));
    expect(await next.run(unitOf(1), forever())).toMatchObject({ kind: "result" });
    expect(await names()).toEqual([first ? both[0] : both[1]]);
    alive.kill("SIGKILL");
    await once(alive, "exit");
    await expect.poll(() => on.containers(), { timeout: 20_000, interval: 50 }).toBe("");
  });
});
