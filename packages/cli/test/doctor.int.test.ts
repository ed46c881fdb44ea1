import { chmod, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { createReleases } from "@skyscan/runtime";
import { runSkyscan, temporaryDirectory } from "@skyscan/testing";

const releases = createReleases();
afterEach(() => releases.run());

/** What is said of containers where these commands are all there is; each a stand-in that has a version and, as long as it answers, a daemon. */
async function containersSaid(commands: Readonly<Record<string, "answers" | "dead">>): Promise<string> {
  const bin = await temporaryDirectory();
  releases.add(() => bin.remove());
  for (const [name, state] of Object.entries(commands)) {
    const path = join(bin.path, name);
    await writeFile(path, `#!/bin/sh\n[ "$1" = --version ] && echo "${name} 1.2" && exit 0\nexit ${state === "dead" ? 1 : 0}\n`);
    await chmod(path, 0o755);
  }
  const { status, stdout } = await runSkyscan(["doctor"], { env: { PATH: bin.path, SKYSCAN_BROKER_ADDRESS: undefined } });
  expect(status).toBe(0);
  return /^.* containers +.*$/m.exec(stdout)?.[0] ?? "";
}

test("doctor names the engines that there are, of which the first is taken", async () => {
  expect(await containersSaid({ docker: "answers", podman: "answers" })).toMatch(
    /^ok +containers +docker \(docker 1\.2\), podman \(podman 1\.2\): .*first of them/,
  );
});

test("doctor says what to do when the daemon of the engine that would be taken does not answer", async () => {
  expect(await containersSaid({ docker: "dead", podman: "answers" })).toMatch(
    /^missing +containers +docker \(docker 1\.2; its daemon does not answer\), podman .*run in docker: start its daemon, or name another with --container podman$/,
  );
  expect(await containersSaid({ docker: "dead" })).toMatch(/run in docker: start its daemon$/);
});

test("doctor does not mind a dead daemon that nothing would run in", async () => {
  expect(await containersSaid({ apptainer: "answers", docker: "dead" })).toMatch(/^ok +containers +apptainer /);
});

test("doctor says what containers are for when there is no engine", async () => {
  expect(await containersSaid({})).toMatch(/^missing +containers +none of apptainer, singularity, docker, podman: only needed/);
});
