import { spawn } from "node:child_process";
import { copyFile, mkdir, symlink, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { createReleases } from "@skyscan/runtime";
import { repositoryPath, startRabbitmq, temporaryDirectory } from "@skyscan/testing";
import { bronze } from "./events.ts";
import { tokenAuthority } from "./rabbitmq-tokens.ts";

export interface ShellEnd {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Where somebody types the lines of docs/migrating-from-v3.md: a home with a token, and a broker that takes it. */
export interface MigratingStage {
  /** HOST:PORT of the broker, which has the virtual host `vhost`. */
  readonly broker: string;
  /** What ~/skyscan-broker.token holds. */
  readonly token: string;
  /** A new directory that looks like a checkout, with the alert of the page. */
  checkout(name: string): Promise<string>;
  /** Types lines into one shell, which ends at the first that fails. */
  type(directory: string, lines: readonly string[], env?: Readonly<Record<string, string | undefined>>): Promise<ShellEnd>;
  /** Ends what is still running, and removes everything. */
  stop(): Promise<void>;
}

function signalGroup(leader: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-leader, signal);
  } catch {
    // Nobody of it is left.
  }
}

export async function migratingStage(): Promise<MigratingStage> {
  const home = await temporaryDirectory();
  const releases = createReleases();
  releases.add(() => home.remove());
  const shells = new Set<number>();
  releases.add(() => {
    for (const pid of shells) signalGroup(pid, "SIGKILL");
  });
  const checkout = async (name: string): Promise<string> => {
    const directory = join(home.path, name);
    await mkdir(directory);
    for (const one of ["server.js", "client.js", "resources"]) await symlink(repositoryPath(one), join(directory, one));
    await copyFile(bronze, join(directory, basename(bronze)));
    return directory;
  };
  try {
    const authority = await tokenAuthority(home.path);
    const broker = await startRabbitmq(authority.options);
    releases.add(() => broker.stop());
    await broker.addVhost("vhost");
    const token = authority.token();
    await writeFile(join(home.path, "skyscan-broker.token"), `${token}\n`, { mode: 0o600 });
    return {
      broker: `${broker.host}:${broker.port}`,
      token,
      checkout,
      type(cwd, lines, env = {}) {
        const path = [dirname(process.execPath), repositoryPath("node_modules/.bin"), process.env["PATH"]].join(":");
        const child = spawn("bash", ["-e", "-c", lines.join("\n")], {
          cwd,
          // Of its own group: the servers that it leaves behind go with it.
          detached: true,
          stdio: ["ignore", "pipe", "pipe"],
          env: { PATH: path, HOME: home.path, SKYSCAN_LOG: "info", ...env },
        });
        shells.add(child.pid!);
        let [stdout, stderr] = ["", ""];
        child.stdout.setEncoding("utf8").on("data", (text: string) => void (stdout += text));
        child.stderr.setEncoding("utf8").on("data", (text: string) => void (stderr += text));
        return new Promise((resolve) => {
          // What a line that failed left in the background.
          child.on("exit", (status) => {
            if (status !== 0) signalGroup(child.pid!, "SIGTERM");
          });
          child.on("close", (status) => {
            shells.delete(child.pid!);
            resolve({ status, stdout, stderr });
          });
        });
      },
      stop: () => releases.run(),
    };
  } catch (error) {
    await releases.run();
    throw error;
  }
}
