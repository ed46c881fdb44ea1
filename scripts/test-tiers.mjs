// Which test file belongs to which tier, and what a tier needs. The file's name says it:
//   seeds.test.ts                     unit
//   runner.int.test.ts                processes  (starts processes; needs nothing that a checkout does not have)
//   contract.rabbitmq.int.test.ts     rabbitmq   (so for every service below)
//   test/e2e/scan.e2e.test.ts         e2e        (whole scans: commands in, files out)
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { filesUnder } from "./prepare.mjs";
import { checkout } from "./processes.mjs";

/** Every tier, in the order of the summary, with what it needs that a checkout does not have. */
export const tiers = {
  unit: undefined,
  processes: undefined,
  embedded: undefined,
  rabbitmq: "a RabbitMQ server: `apt-get install --no-install-recommends rabbitmq-server`, or Docker",
  rabbitmq4: "a RabbitMQ 4 server: Docker or podman",
  nats: "a NATS server: `apt-get install nats-server`, or Docker",
  pulsar: "a Pulsar broker: JDK 17 and Maven, or Docker",
  containers: "podman or Docker",
  condor: "an HTCondor pool: podman, and a RabbitMQ server",
  slurm: "a Slurm cluster that takes jobs: `apt-get install slurm-wlm munge`",
  shellcheck: "shellcheck: `apt-get install shellcheck`",
  faults: undefined,
  python:
    "the reference implementations in Python: `npm run test:all` makes a virtual environment; SKYSCAN_TEST_PYTHON names another one's python",
  e2e: undefined,
};

/** Not a tier of its own: every file that reads the real event files, whatever its tier. */
export const dataNeed = "the real event files: SKYSCAN_TEST_DATA names their directory";

/** What `--only` takes. */
export const selectable = [...Object.keys(tiers), "data"];

const services = Object.keys(tiers).filter((name) => !["unit", "processes", "e2e"].includes(name));

const segmentsOf = (path) => {
  const parts = path.split("/");
  return [...parts.at(-1).split(".").slice(1, -2), ...parts.slice(0, -1)];
};

/** The tier of a test file, given as its path in the checkout. */
export function tierOf(path) {
  const segments = segmentsOf(path);
  const service = services.find((name) => segments.includes(name));
  if (service !== undefined && /\.(int|e2e)\.test\.ts$/.test(path)) return service;
  if (path.endsWith(".e2e.test.ts")) return "e2e";
  return path.endsWith(".int.test.ts") ? "processes" : "unit";
}

const contentOf = (path) => (existsSync(join(checkout, path)) ? readFileSync(join(checkout, path), "utf8") : "");

/** True when a test file reads the real event files. */
export const readsData = (path) => /\bdata(Path|Missing|Directory)\b/.test(contentOf(path));

/** Every test file, as paths in the checkout. */
export const testFiles = () =>
  [...filesUnder("packages").filter((path) => /^packages\/[^/]+\/test\//.test(path)), ...filesUnder("test")]
    .filter((path) => path.endsWith(".test.ts"))
    .sort();

/** The files of one name of `selectable`: a file of two services belongs to both. */
export function filesOf(name, files) {
  if (name === "data") return files.filter(readsData);
  return files.filter(
    (path) => tierOf(path) === name || (services.includes(name) && tierOf(path) !== "unit" && segmentsOf(path).includes(name)),
  );
}
