// The product's image, built of this checkout, and what runs in it. Its base is a stand-in for Node's own image: the same Debian, this machine's Node.
import { beforeAll, describe, expect, test } from "vitest";
import { bareDebianImage, buildImage, imageToolsMissing, podman, skyscanImage } from "@skyscan/testing";

const buildMs = 600_000;

describe.skipIf(imageToolsMissing !== undefined)("the image", () => {
  let image: string;
  beforeAll(async () => {
    image = await skyscanImage();
  }, buildMs);

  test("runs the demo: somebody without Node or a compiler sees a scan with the native reco", async () => {
    const shown = await podman("run", "--rm", "--network=none", image, "demo", "--nsides", "8:0", "64:12");
    expect(shown).toMatch(/best fit +RA/);
    expect(shown).toMatch(/picture +skyscan-demo\/.*\.png/);
  });

  test("is not root's, works as any user, and holds neither compiler nor sources", async () => {
    const look = "id -u; command -v g++ make pnpm; find /opt/skyscan -name '*.ts'; ls -d /src 2>/dev/null; true";
    expect(await podman("run", "--rm", "--entrypoint", "sh", image, "-c", look)).toBe("10001\n");
    const anybody = await podman("run", "--rm", "--user", "4321:4321", image, "simulate", "--events", "1", "-o", "events");
    expect(anybody).toContain("events/");
  });

  test("says what it is, and ends as its program does", async () => {
    const about = JSON.parse(await podman("inspect", "--format", "{{json .Config}}", image));
    expect(about.Labels).toMatchObject({ "org.opencontainers.image.title": "skyscan" });
    expect(about.Entrypoint).toEqual(["skyscan"]);
    await expect(podman("run", "--rm", image, "client")).rejects.toMatchObject({ code: 2 });
  });

  test("can be the base of one for Pulsar, with its package left out where that cannot be fetched", async () => {
    const pulsar = await buildImage("Dockerfile_pulsar", { SKYSCAN_IMAGE: image, PULSAR_CLIENT: "" });
    expect(await podman("run", "--rm", pulsar, "--version")).toMatch(/^\d+\.\d+\.\d+\n$/);
  });

  test("goes into an IceTray image, whose entry point stays (a stand-in: a bare Debian)", async () => {
    const args = { SKYSCAN_IMAGE: image, ICETRAY_IMAGE: await bareDebianImage() };
    const icetray = await buildImage("Dockerfile_icetray", args);
    expect(JSON.parse(await podman("inspect", "--format", "{{json .Config.Entrypoint}}", icetray))).toBeNull();
    expect(await podman("run", "--rm", icetray, "skyscan", "recos")).toContain("pandel_spe");
    expect(await podman("run", "--rm", icetray, "sh", "-c", "command -v node || echo none")).toBe("none\n");
  });
});
