// Gets what `npm run test:all` needs and a machine may not have. On Debian and Ubuntu, as root, packages are installed; what is built or
// downloaded goes to a cache outside the checkout and is used again, by `npm test` too.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { checkout, CannotGoOn, run, say, step } from "./processes.mjs";

const cache = join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "skyscan");
const podmanDirectory = join(cache, "podman");
const pythonDirectory = join(cache, "test-python");
const pulsarDirectory = join(cache, "pulsar-4.0.7");
const tools = process.env.SKYSCAN_TEST_TOOLS || resolve(checkout, "../shared/tools");

/** The reference implementations that golden and format tests compare with. */
const pythonPackages = [
  "numpy",
  "healpy",
  "astropy",
  "astropy-healpix",
  "ligo.skymap",
  "mhealpy",
  "mocpy",
  "icecube-skyreader==1.6.3",
  // skyreader's JSON writer is not ready for 3.
  "pandas<3",
  "kubernetes-validate==1.37.0",
];

/** Variables for the tests from what an earlier `npm run test:all` left in the cache. */
export async function servicesAlreadyHere() {
  const env = {};
  const python = join(pythonDirectory, "bin/python");
  if (existsSync(join(pythonDirectory, "installed"))) env.SKYSCAN_TEST_PYTHON = python;
  if (existsSync(join(podmanDirectory, "env.sh"))) Object.assign(env, await podmanVariables());
  return { ...env, ...(process.env.SKYSCAN_TEST_PYTHON ? { SKYSCAN_TEST_PYTHON: process.env.SKYSCAN_TEST_PYTHON } : {}) };
}

/**
 * Gets every service that `tiers` names and that can be had here.
 * @param {ReadonlySet<string>} tiers the tiers that have test files
 * @returns `env` for the tests, the tiers that are now `required`, and for each tier that could not be had, why.
 */
export async function getServices(tiers) {
  mkdirSync(cache, { recursive: true });
  const unavailable = new Map();
  const required = new Set();
  let env = {};
  for (const { names, get } of services) {
    const wanted = names.filter((name) => tiers.has(name));
    if (wanted.length === 0) continue;
    try {
      env = { ...env, ...(await get(wanted)) };
      for (const name of wanted) required.add(name);
    } catch (error) {
      if (!(error instanceof CannotGoOn)) throw error;
      for (const name of wanted) unavailable.set(name, error.message);
    }
  }
  return { env: { ...(await servicesAlreadyHere()), ...env }, required, unavailable };
}

const services = [
  { names: ["rabbitmq"], get: async () => void (await debianPackages("rabbitmq-server")) },
  { names: ["nats"], get: async () => void (await debianPackages("nats-server")) },
  { names: ["slurm"], get: async () => void (await debianPackages("slurm-wlm", "munge")) },
  { names: ["shellcheck"], get: async () => void (await debianPackages("shellcheck")) },
  { names: ["pulsar"], get: getPulsar },
  { names: ["python"], get: getPython },
  { names: ["containers"], get: getPodman },
  { names: ["rabbitmq4"], get: getRabbitmq4 },
  { names: ["condor"], get: getCondor },
];

/** Installs what is not installed yet. */
async function debianPackages(...names) {
  const missing = [];
  for (const name of names) {
    const { output } = await run(["dpkg-query", "-W", "-f", "${db:Status-Status}", name]);
    if (output !== "installed") missing.push(name);
  }
  if (missing.length === 0) return;
  if (!existsSync("/usr/bin/apt-get"))
    throw new CannotGoOn(`${missing.join(", ")}: this is no Debian or Ubuntu; install it by hand`);
  if (process.getuid() !== 0) throw new CannotGoOn(`${missing.join(", ")}: only root can install packages`);
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  await step("Reading the package lists", ["apt-get", "update", "-q"], { env });
  await step(
    `Installing ${missing.join(" ")}`,
    ["apt-get", "install", "-o", "DPkg::Lock::Timeout=300", "-y", "-q", "--no-install-recommends", ...missing],
    {
      env,
    },
  );
}

/** The broker's jars from Maven Central, about 210 MB: the tests start it from there. */
async function getPulsar() {
  await debianPackages("openjdk-17-jre-headless", "maven");
  const complete = join(pulsarDirectory, "complete");
  if (!existsSync(complete)) {
    const project = join(checkout, "scripts/pulsar");
    await step("Getting Pulsar's jars from Maven Central", [
      "mvn",
      ...["-B", "-q", "-ntp", "-s", join(project, "settings.xml"), "-f", join(project, "pom.xml")],
      "dependency:copy-dependencies",
      "-DincludeScope=runtime",
      `-DoutputDirectory=${join(pulsarDirectory, "lib")}`,
    ]);
    writeFileSync(complete, "");
  }
  if (existsSync(join(pulsarDirectory, "classes.jsa"))) return;
  await step("Archiving Pulsar's classes", [process.execPath, "scripts/archive-pulsar-classes.mjs"], { limitSec: 300 });
}

async function getPython() {
  if (process.env.SKYSCAN_TEST_PYTHON) return { SKYSCAN_TEST_PYTHON: process.env.SKYSCAN_TEST_PYTHON };
  const stamp = join(pythonDirectory, "installed");
  const wanted = pythonPackages.join("\n");
  const python = join(pythonDirectory, "bin/python");
  if (!existsSync(stamp) || readFileSync(stamp, "utf8") !== wanted) {
    if ((await run(["python3", "-c", "import venv, ensurepip"])).status !== 0) await debianPackages("python3", "python3-venv");
    await step("Making a virtual environment for the reference implementations", [
      "python3",
      "-m",
      "venv",
      "--clear",
      pythonDirectory,
    ]);
    await step(`Installing ${pythonPackages.join(" ")}`, [
      python,
      "-m",
      "pip",
      "install",
      "-q",
      "--disable-pip-version-check",
      ...pythonPackages,
    ]);
    writeFileSync(stamp, wanted);
  }
  return { SKYSCAN_TEST_PYTHON: python };
}

/** What podman-env.sh sets, by sourcing it: a PATH with a `docker` that is podman, and podman's configuration. */
async function podmanVariables() {
  const { status, output } = await run([
    "bash",
    "-c",
    `source "$0" && printf '%s\\n' "$CONTAINERS_CONF" "$CONTAINERS_STORAGE_CONF" "$PATH"`,
    join(podmanDirectory, "env.sh"),
  ]);
  if (status !== 0) return {};
  const [CONTAINERS_CONF, CONTAINERS_STORAGE_CONF, PATH] = output.split("\n");
  return { CONTAINERS_CONF, CONTAINERS_STORAGE_CONF, PATH };
}

async function getPodman() {
  const script = join(tools, "podman-env.sh");
  if (!existsSync(script)) {
    if ((await run(["docker", "info"], { limitSec: 20 })).status === 0) return {};
    throw new CannotGoOn(`no Docker daemon answers, and there is no ${script}`);
  }
  await debianPackages("podman", "crun", "catatonit", "netavark", "buildah", "mmdebstrap", "busybox-static");
  if (!existsSync(join(podmanDirectory, "env.sh"))) await step("Setting podman up", [script, podmanDirectory]);
  const env = await podmanVariables();
  const { status, output } = await run(["podman", "info"], { env: { ...process.env, ...env }, limitSec: 60 });
  if (status !== 0) throw new CannotGoOn(`podman does not work here: ${output.trim().split("\n").at(-1)}`);
  return env;
}

function getRabbitmq4() {
  return getImage("RabbitMQ 4", "localhost/rabbitmq4", "rabbitmq4.sh");
}

/** Its jobs are clients of a scan over RabbitMQ. */
async function getCondor() {
  await debianPackages("rabbitmq-server");
  return getImage("HTCondor", "localhost/condor-pool", "condor-pool.sh");
}

/** Sets podman up, and builds an image by `TOOL build` when it is not there. */
async function getImage(what, image, tool) {
  const env = await getPodman();
  const script = join(tools, tool);
  if (!existsSync(script)) throw new CannotGoOn(`there is no ${script}`);
  const withPodman = { env: { ...process.env, ...env } };
  if ((await run(["podman", "image", "exists", image], withPodman)).status !== 0) {
    await step(`Building the ${what} image`, [script, "build"], withPodman);
  }
  return env;
}

/** Where the real event files must be, when they are not there. */
export function dataMissing() {
  const directory = process.env.SKYSCAN_TEST_DATA || resolve(checkout, "../shared/data");
  return existsSync(directory) ? undefined : `no real event files at ${directory}`;
}

/** Says what could not be had, before the tests run. */
export function sayUnavailable(unavailable) {
  if (unavailable.size === 0) return;
  say("Could not be had on this machine:");
  for (const [name, why] of unavailable) say(`  ${name}: ${why}`);
}
