import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { containerEnvironment, containersLack, makeUnlessThere, nodeBaseImage, podman, podmanDirectory } from "./containers.ts";
import { repositoryPath, skipReason } from "./data.ts";

/** Undefined when images can be built here, else why tests over them are skipped. */
export const imageToolsMissing: string | undefined = skipReason(
  "containers",
  containersLack({ mmdebstrap: "/usr/bin/mmdebstrap" }),
);

/**
 * Debian 11 (glibc 2.31) with a shell and libstdc++, and nothing that knows of Node: a stand-in for an image of somebody else's. Made in a
 * quarter of a minute when it is not there.
 */
export const bareDebianImage = (): Promise<string> =>
  makeUnlessThere(
    "localhost/skyscan-bare-debian",
    [
      `set -o pipefail`,
      `uri=$(apt-get indextargets --format '$(REPO_URI) $(RELEASE)' 'Created-By: Packages' | awk '$2 == "bookworm" {print $1; exit}')`,
      `mirror="deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] \${uri%/} bullseye main"`,
      `packages=dash,coreutils,libstdc++6`,
      `mmdebstrap --quiet --variant=extract --mode=root --include=$packages --format=tar bullseye - "$mirror" | podman import - localhost/skyscan-bare-debian`,
    ].join("; "),
  );

/** Builds an image from a Dockerfile of the checkout; returns its id. What was built of the same files before is used again. */
export async function buildImage(dockerfile: string, args: Readonly<Record<string, string>> = {}): Promise<string> {
  await nodeBaseImage();
  const env = { ...process.env, ...(await containerEnvironment()) };
  const flags = ["-q", "--pull=never", "--network=host", "--isolation=chroot", "--file", repositoryPath(dockerfile)];
  const buildArgs = Object.entries(args).flatMap(([name, value]) => ["--build-arg", `${name}=${value}`]);
  // A lock of its own: it takes minutes, and others only want to know that an image is there.
  const command = ["podman", "build", ...flags, ...buildArgs, repositoryPath()];
  const { stdout } = await promisify(execFile)("flock", [`${podmanDirectory}.build.lock`, ...command], {
    env,
    maxBuffer: 1 << 26,
  });
  return `sha256:${stdout.trim().split("\n").at(-1)!}`;
}

let built: Promise<string> | undefined;

/** The product's own image, built of this checkout on a stand-in for Node's; its id. Takes a minute or two the first time. */
export const skyscanImage = (): Promise<string> =>
  (built ??= buildImage("Dockerfile").then(async (id) => {
    // So that it is found again, and is not among those that nobody names.
    await podman("tag", id, "localhost/skyscan-test");
    return id;
  }));
