import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { skipReason, toolsDirectory } from "./data.ts";

const run = promisify(execFile);
const tool = join(toolsDirectory, "podman-env.sh");
/** What `npm run test:all` sets up too: images are made once for all tests of this machine. */
const cache = join(process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"), "skyscan");
export const podmanDirectory: string = join(cache, "podman");

/** Why real containers cannot be run here, or undefined. Each of `files` must be there, too; the key says which Debian package has it. */
export function containersLack(files: Readonly<Record<string, string>> = {}): string | undefined {
  if (!existsSync(tool)) return `there is no ${tool} (set SKYSCAN_TEST_TOOLS)`;
  if (process.getuid?.() !== 0) return "only root can run containers here";
  const needed = { podman: "/usr/bin/podman", buildah: "/usr/bin/buildah", catatonit: "/usr/bin/catatonit", ...files };
  const absent = Object.entries(needed).flatMap(([name, file]) => (existsSync(file) ? [] : [name]));
  return absent.length === 0
    ? undefined
    : `containers need ${absent.join(", ")} (Debian: apt-get install -y ${absent.join(" ")})`;
}

/** Undefined when podman can run containers here, else why tests over it are skipped. */
export const containersMissing: string | undefined = skipReason(
  "containers",
  containersLack({ "busybox-static": "/bin/busybox" }),
);

/** Runs a shell command where `podman`, and `docker` as another name of it, work. What it makes is made by one process at a time. */
async function underLock(command: string): Promise<string> {
  const setUp = `[ -e '${podmanDirectory}/env.sh' ] || '${tool}' '${podmanDirectory}' >&2; source '${podmanDirectory}/env.sh'`;
  const script = `set -e; ${setUp}; ${command}`;
  const lock = `mkdir -p '${cache}' && exec flock -o '${podmanDirectory}.lock' bash -c "$0"`;
  return (await run("bash", ["-c", lock, script], { maxBuffer: 1 << 26 })).stdout;
}

let found: Promise<Readonly<Record<string, string>>> | undefined;

/** The variables of an environment in which `podman`, and `docker` as another name of it, work: to be added to a process's own. */
export function containerEnvironment(): Promise<Readonly<Record<string, string>>> {
  found ??= underLock(`printf '%s\\n' "$CONTAINERS_CONF" "$CONTAINERS_STORAGE_CONF" "$PATH"`).then((output) => {
    const [CONTAINERS_CONF = "", CONTAINERS_STORAGE_CONF = "", PATH = ""] = output.split("\n");
    return { CONTAINERS_CONF, CONTAINERS_STORAGE_CONF, PATH };
  });
  return found;
}

/** Runs `podman ARGS` to its end and returns what it printed. */
export async function podman(...args: readonly string[]): Promise<string> {
  const env = { ...process.env, ...(await containerEnvironment()) };
  return (await run("podman", args, { env, maxBuffer: 1 << 26 })).stdout;
}

/** Makes an image that is not there, one process at a time. */
export const makeUnlessThere = async (image: string, make: string): Promise<string> => {
  await underLock(`podman image exists ${image} || { ${make}; } >&2`);
  return image;
};

/** An image of nothing but busybox, whose commands are in /bin, with a /tmp. Made in a second when it is not there. */
export const busyboxImage = (): Promise<string> =>
  makeUnlessThere(
    "localhost/skyscan-busybox",
    [
      `root=$(mktemp -d)`,
      `mkdir -p "$root/bin"`,
      `mkdir -m 1777 "$root/tmp"`,
      `cp /bin/busybox "$root/bin/"`,
      `for name in $(/bin/busybox --list); do [ -e "$root/bin/$name" ] || ln -s busybox "$root/bin/$name"; done`,
      `tar -C "$root" -c . | podman import --change 'ENV PATH=/bin' --change 'CMD ["sh"]' - localhost/skyscan-busybox`,
      `rm -rf "$root"`,
    ].join("; "),
  );

/** A stand-in for the official Node image, made of this machine's Debian and Node. Made in a minute when it is not there. */
export const nodeBaseImage = (): Promise<string> =>
  makeUnlessThere("docker.io/library/node:20-bookworm-slim", `'${join(toolsDirectory, "node-base-image.sh")}'`);

/** A RabbitMQ 4.0 node; for `startRabbitmq4`. Made in half a minute when it is not there. */
export const rabbitmq4Image = (): Promise<string> =>
  makeUnlessThere("localhost/rabbitmq4", `'${join(toolsDirectory, "rabbitmq4.sh")}' build`);

/** HTCondor with all its daemons; for `startCondorPool`. Made in a minute when it is not there. */
export const condorPoolImage = (): Promise<string> =>
  makeUnlessThere("localhost/condor-pool", `'${join(toolsDirectory, "condor-pool.sh")}' build`);
