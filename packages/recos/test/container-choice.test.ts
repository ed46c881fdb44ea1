import { describe, expect, test } from "vitest";
import { chooseContainer } from "../src/container/choice.ts";
import type { ContainerEngine, ContainerMode } from "../src/container/engine.ts";

const both = { docker: "a/b:1", singularity: "/cvmfs/b.sif" };

const choose = (
  mode: ContainerMode,
  image: { readonly docker?: string; readonly singularity?: string } | null,
  installed: readonly ContainerEngine[],
  environment: Readonly<Record<string, string>> = {},
): Promise<string> =>
  chooseContainer({
    run: { image },
    mode,
    environment,
    find: (command) => Promise.resolve(installed.some((engine) => engine === command) ? `/bin/${command}` : undefined),
  }).then((choice) => (choice === undefined ? "the host" : `${choice.executable} ${choice.image}`));

describe("the container of a reco", () => {
  test.each([
    ["auto", null, ["docker"], {}],
    ["none", both, ["docker"], {}],
    ["auto", both, ["docker"], { APPTAINER_CONTAINER: "/x.sif" }],
    ["auto", both, ["docker"], { SINGULARITY_CONTAINER: "/x.sif" }],
  ] as const)("is none: mode %s, image %o, %o installed, inside %o", async (mode, image, installed, environment) => {
    expect(await choose(mode, image, installed, environment)).toBe("the host");
  });

  test.each([
    ["auto", both, ["podman", "docker", "singularity", "apptainer"], "/bin/apptainer /cvmfs/b.sif"],
    ["auto", both, ["podman", "docker", "singularity"], "/bin/singularity /cvmfs/b.sif"],
    ["auto", both, ["podman", "docker"], "/bin/docker a/b:1"],
    ["auto", both, ["podman"], "/bin/podman a/b:1"],
    ["podman", both, ["podman", "docker", "apptainer"], "/bin/podman a/b:1"],
    ["apptainer", { docker: "a/b:1" }, ["apptainer"], "/bin/apptainer docker://a/b:1"],
    ["auto", { singularity: "/x" }, ["docker", "singularity"], "/bin/singularity /x"],
  ] as const)(
    "is of the first engine that is installed and can run its image: %s, %o, %o",
    async (mode, image, installed, chosen) => {
      expect(await choose(mode, image, installed)).toBe(chosen);
    },
  );

  test.each([
    ["auto", both, [], {}, /a\/b:1.*apptainer, singularity, docker and podman are not on PATH.*--container none/],
    ["docker", both, ["podman"], {}, /docker is not on PATH/],
    ["docker", null, ["docker"], {}, /names no image.*auto/],
    ["docker", { singularity: "/x" }, ["docker"], {}, /docker cannot run the image \/x.*image\.docker/],
    ["auto", { singularity: "/x" }, ["docker"], {}, /\/x, but apptainer and singularity are not on PATH/],
    ["podman", both, ["podman"], { APPTAINER_CONTAINER: "/x.sif" }, /inside a container of Apptainer/],
  ] as const)(
    "that cannot be had is image-failed and says what to do: %s, %o, %o, %o",
    async (mode, image, installed, env, says) => {
      const choice = choose(mode, image, installed, env);
      await expect(choice).rejects.toMatchObject({ code: "image-failed" });
      await expect(choice).rejects.toThrow(says);
    },
  );
});
