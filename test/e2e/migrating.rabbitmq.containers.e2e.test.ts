// The lines of docs/migrating-from-v3.md that start containers, typed as they stand there. `docker` is podman; the image is that of
// Dockerfile_icetray, of this checkout and a stand-in for IceTray's. What else is different: migrating.rabbitmq.e2e.test.ts.
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  buildImage,
  containerEnvironment,
  dataMissing,
  imageToolsMissing,
  rabbitmqMissing,
  readJson,
  skyscanImage,
} from "@skyscan/testing";
import { makeGcdDirectory } from "../icetray/image-stand-in.ts";
import { standInImage, standInImageMissing } from "../icetray/stand-in-image.ts";
import { bronzeName } from "./events.ts";
import { readMigratingPage } from "./migrating-page.ts";
import { migratingStage } from "./migrating-stage.ts";
import type { MigratingStage } from "./migrating-stage.ts";

const missing = rabbitmqMissing ?? imageToolsMissing ?? standInImageMissing ?? dataMissing;

describe.skipIf(missing !== undefined)("docs/migrating-from-v3.md in containers", () => {
  let stage: MigratingStage;
  let env: Readonly<Record<string, string>>;
  beforeAll(async () => {
    stage = await migratingStage();
    const gcdDir = await makeGcdDirectory(join(await stage.checkout("image"), "baseline gcds"));
    const images = { SKYSCAN_IMAGE: await skyscanImage(), ICETRAY_IMAGE: await standInImage(gcdDir) };
    env = {
      ...(await containerEnvironment()),
      SKYSCAN_DOCKER_IMAGE: await buildImage("Dockerfile_icetray", images),
      SKYSCAN_GCD_SOURCES: gcdDir,
      SKYSCAN_GCD_URL: "none",
      SKYSCAN_RESULT_EXTRAS: "no",
      // One warm process for each slot: one for each fit takes its time.
      SKYSCAN_RECO_PATH: "/opt/skyscan/resources/recos_warm",
    };
  }, 600_000);
  afterAll(() => (stage as MigratingStage | undefined)?.stop());

  test("the alert: launch_server.sh with the server's arguments, wait_for_file.sh, launch_client.sh", async () => {
    const page = await readMigratingPage();
    const directory = await stage.checkout("alert");
    const serverArguments = page.command("node server").replace("node server ", "");
    const { status, stdout, stderr } = await stage.type(
      directory,
      [
        page.command("export ").replace("=host/", `=${stage.broker}/`),
        `${page.command("./resources/launch_scripts/docker/launch_server.sh").replace("…", serverArguments)} --nsides 1:0 &`,
        page.command("./resources/launch_scripts/wait_for_file.sh"),
        page.command("./resources/launch_scripts/docker/launch_client.sh"),
        "wait $!",
      ],
      env,
    );
    expect(status, stderr).toBe(0);
    expect(stdout + stderr).not.toContain(stage.token);
    const manifest = await readJson(join(directory, `${bronzeName}.scan-manifest.json`));
    expect(manifest).toMatchObject({ state: "finished", preliminary: false, failures: { "failed units": 0 } });
    expect(await readdir(directory)).toContain(`${bronzeName}_1.npz`);
  });
});
