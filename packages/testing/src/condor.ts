import { spawn } from "node:child_process";
import { join } from "node:path";
import { containerEnvironment, containersLack, condorPoolImage } from "./containers.ts";
import { skipReason, toolsDirectory } from "./data.ts";
import { lastingPort } from "./ports.ts";

const tool = join(toolsDirectory, "condor-pool.sh");

/** Undefined when an HTCondor pool can be run here (in a container), else why tests over it are skipped. */
export const condorMissing: string | undefined = skipReason("condor", containersLack({ mmdebstrap: "/usr/bin/mmdebstrap" }));

export interface CondorPoolOptions {
  /** Directories of this machine that the pool sees, where they are. */
  readonly mounts: readonly string[];
  /** More of HTCondor's configuration. */
  readonly config?: Readonly<Record<string, string>>;
}

export interface PoolCommandEnd {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A real HTCondor pool of one machine with four cores, in a container; its network is this machine's, which it also knows as {@link poolHost}. */
export interface CondorPool {
  /** Runs a command there to its end. `user`: the one whose jobs these are (default), or root. */
  run(
    argv: readonly string[],
    options?: {
      readonly env?: Readonly<Record<string, string>>;
      readonly cwd?: string;
      readonly user?: "user" | "root";
    },
  ): Promise<PoolCommandEnd>;
  stop(): Promise<void>;
}

/** A name of this machine that says nothing of loopback. */
export const poolHost = "broker.pool.test";

/** The user whose jobs they are, there and here. */
export const poolUserId = 1000;

/** Makes the image when it is not there (a minute), then starts in 3 s. */
export async function startCondorPool(options: CondorPoolOptions): Promise<CondorPool> {
  const env = { ...process.env, ...(await containerEnvironment()) };
  const end = (argv: readonly string[], variables: Readonly<Record<string, string>> = {}): Promise<PoolCommandEnd> =>
    new Promise((resolve, reject) => {
      const [name = "", ...words] = argv;
      const child = spawn(name, words, { env: { ...env, ...variables }, stdio: ["ignore", "pipe", "pipe"] });
      let stdout = "";
      let stderr = "";
      child.stdout.setEncoding("utf8").on("data", (text: string) => void (stdout += text));
      child.stderr.setEncoding("utf8").on("data", (text: string) => void (stderr += text));
      child.on("error", reject);
      child.on("close", (status) => resolve({ status, stdout, stderr }));
    });
  const port = await lastingPort();
  const name = `skyscan-condor-${port}`;
  const config = {
    SHARED_PORT_PORT: String(port),
    COLLECTOR_HOST: `127.0.0.1:${port}`,
    // What is released, held or removed by an expression is so at once, not within a minute.
    PERIODIC_EXPR_INTERVAL: "2",
    // `scans@HOST`: the name of this machine alone would be looked up, and need not be one that can be.
    SCHEDD_NAME: "scans",
    ...options.config,
  };
  const stop = async (): Promise<void> => {
    await end([tool, "stop", name]);
  };
  await condorPoolImage();
  const started = await end([
    ...[tool, "start", name, "--add-host", `${poolHost}:127.0.0.1`],
    ...options.mounts.flatMap((path) => ["-v", `${path}:${path}`]),
    ...Object.entries(config).flatMap(([key, value]) => ["-e", `_CONDOR_${key}=${value}`]),
  ]);
  if (started.status !== 0) {
    await stop();
    throw new Error(`the HTCondor pool did not start: ${started.stderr}`);
  }
  return {
    // By name alone: a value would stand in podman's own command line.
    run: (argv, { env: variables = {}, cwd = "/tmp", user = "user" } = {}) =>
      end(
        ["podman", "exec", "-u", user, "-w", cwd, ...Object.keys(variables).flatMap((key) => ["-e", key]), name, ...argv],
        variables,
      ),
    stop,
  };
}
