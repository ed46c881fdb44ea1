/** First lines of blocks that show something else than commands. */
export const notCommands: ReadonlySet<string> = new Set([
  "event file ──> one server per event ──────────────── a message broker ──────────────── any number of clients",
  "event ── server ──> to-clients ──> client ── unit ──> reco (child process)",
  "jetstream { store_dir: /var/lib/nats }",
  "F = (R s)^ξ / (Γ(ξ) s √2π) · exp(R² s²/2 − R t) · ∫ x^(ξ−1) exp(−(x − β)²/2) dx,   β = t/s − R s",
  'magic  u32   the bytes 53 4b 59 4a, "SKYJ"',
  "my-reco/",
  "#!/bin/sh",
  "run00136662.evt000035405932.neutrino_8_64_512.npz      for programs: numpy arrays",
]);

/** Run in docs-commands.int.test.ts as they stand on the page, in this order, in one directory. */
export const toolLines: readonly string[] = [
  "npx skyscan event show EVENT.json",
  "npx skyscan scan --event-file EVENT.json --reco-algo pandel_spe --nsides 8:0 64:12 512:24 --output-dir out",
  "npx skyscan result show out/*_8_64_512.npz",
  "npx skyscan result show out/*_512.json",
  "npx skyscan result plot out/*_8_64_512.npz",
  "skyscan simulate --events 10 --kind track --seed 1 --output-dir ./events",
  "skyscan recos check examples/reco-python",
  "skyscan recos run example_python --reco-path examples/reco-python --unit 8/340/0 --event EVENT.json",
  "skyscan recos run pandel_spe --unit 64/22946/0 --event EVENT.json",
];

/** The same: a server that waits for clients, looked at and stopped; then to its end. */
export const waitingLines: readonly string[] = [
  "npx skyscan status --cache-dir ./server_cache --finish-in 30m",
  "npx skyscan status --client-startup-json client-startup.json",
  "skyscan status --cache-dir ./server_cache",
  "npx skyscan status --cache-dir ./server_cache --stop",
];
export const serverLine =
  "node server --event-file EVENT.pkl --reco-algo pandel_spe --client-startup-json ./client-startup.json --cache-dir ./server_cache --output-dir ./out";
export const waitLine = "./resources/launch_scripts/wait_for_file.sh client-startup.json 600";
export const clientLine = "node client --client-startup-json client-startup.json --slots auto";
export const watchLine = "npx skyscan status --cache-dir ./server_cache --watch";
export const endedLines: readonly string[] = [
  "skyscan status --output-dir ./out",
  "npx skyscan status --cache-dir ./server_cache --unit 64/22946/0",
];

/** How the other lines begin, and the test that runs such a command, or why none can. All of their `skyscan` commands are parsed for real. */
export const elsewhere: Readonly<Record<string, string>> = {
  "npm run demo": "the project's own pipeline runs it",
  "npm test": "it runs this test",
  "npm run test:all": "it runs this test",
  "npm run faults": "test/faults/campaign.int.test.ts",
  "npm run fuzz": "test/fuzz/fuzz.int.test.ts",
  "npm run --silent bench:":
    "test/bench runs them in small (brokers: test/e2e/shipped-files.rabbitmq.e2e.test.ts); this test looks whether they have the options",
  "export SKYSCAN_BROKER_ADDRESS=amqps://": "a broker of nobody; over TLS: test/e2e/shipped-files.rabbitmq.e2e.test.ts",
  "npx skyscan start-clients --jobs": "test/e2e/start-clients.condor.e2e.test.ts",
  "npx skyscan scan-clean --remove": "test/e2e/control.rabbitmq.e2e.test.ts",
  "sudo ": "root, and a machine's own broker; the files: test/e2e/shipped-files.rabbitmq.e2e.test.ts",
  "resources/brokers/pulsar/set-up.sh": "test/e2e/shipped-files.pulsar.e2e.test.ts",
  "cat resources/brokers/pulsar/skyscan.conf": "test/e2e/shipped-files.pulsar.e2e.test.ts",
  "bin/pulsar standalone": "test/e2e/shipped-files.pulsar.e2e.test.ts",
  "docker build": "test/e2e/image.containers.e2e.test.ts",
  "docker run": "test/e2e/image.containers.e2e.test.ts",
  "docker compose": "there is no Docker daemon; the file: test/e2e/compose.test.ts",
  "EVENT=event.json RECO=pandel_spe CLIENTS=4 docker compose": "there is no Docker daemon; the file: test/e2e/compose.test.ts",
  "export SKYSCAN_BROKER_AUTH=$(openssl rand -hex 16)": "for Docker Compose",
  "resources/launch_scripts/docker/": "test/e2e/launch.containers.e2e.test.ts",
  "resources/launch_scripts/wait_for_file.sh": "run here, beside the scan",
  "skyscan scan-many": "test/e2e/scan-many.e2e.test.ts",
  "skyscan client --client-startup-json startups": "test/e2e/scan-many.e2e.test.ts",
  "skyscan bundle": "test/e2e/bundle.containers.e2e.test.ts",
  "tar -xzf skyscan.tar.gz": "test/e2e/bundle.containers.e2e.test.ts",
  "skyscan server --event-file": "run here without the rest: node server",
  "skyscan start-clients --jobs": "test/e2e/start-clients.condor.e2e.test.ts",
  "skyscan start-clients --on slurm": "test/e2e/start-clients.slurm.e2e.test.ts",
  "skyscan start-clients --on k8s": "no cluster; as far as it goes: test/e2e/start-clients-on-kubernetes.e2e.test.ts",
  "skyscan start-clients status": "test/e2e/start-clients.condor.e2e.test.ts",
  "skyscan start-clients stop": "test/e2e/start-clients.condor.e2e.test.ts",
  "npx skyscan event dump": "packages/cli/test/event-i3.int.test.ts",
  "npx skyscan event convert": "packages/cli/test/event-i3.int.test.ts",
  "npx skyscan scan --event-file events/run00136662": "run here with another event",
  "npx skyscan scan --event-file EVENT.json --reco-algo pandel --output-dir out": "run here with pandel_spe",
  "skyscan server --reco-algo millipede": "test/e2e/icetray.e2e.test.ts",
  "skyscan client --reco-path": "test/e2e/icetray.e2e.test.ts",
  "skyscan recos run millipede": "there is no IceTray; with a stand-in: packages/recos/test/icetray.int.test.ts",
  "skyscan status …": "run here, with what … stands for",
  "skyscan status --client-startup-json startup.json": "run here with another file's name",
  "skyscan status --unit": "test/e2e/status.e2e.test.ts",
  "skyscan status --stop": "run here with a --cache-dir",
  "skyscan status --finish-now": "test/e2e/stopping.e2e.test.ts",
  "node scripts/build-native.mjs": "packages/recos/test/native-program.test.ts",
  "npx vitest run packages/recos/test/native": "it runs tests",
  "skyscan result plot run00136662": "test/e2e/examples.e2e.test.ts shows such a file; run here with another result",
  "skyscan scan --event-file run00136662": "run here as node server and node client, with this event",
  "git clone": "it has no address",
  "node server --event-file EVENT.json --reco-algo pandel": "run here as README.md has it",
  "skyscan scan --event-file ./events/simulated-track-1.json": "run here with another event",
};
