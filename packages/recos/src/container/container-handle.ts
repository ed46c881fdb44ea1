import { pause } from "@skyscan/runtime";
import { engineCommand } from "./engine-command.ts";
import type { EngineCommandOptions } from "./engine-command.ts";

/** A container that does not end with the command that asked for it: it is reached through its engine, by its name. */
export interface ContainerHandle {
  readonly name: string;
  /** The engine's command and its environment: for whoever outlives this process. */
  readonly engine: { readonly executable: string; readonly environment: Readonly<Record<string, string>> };
  /** False: there was nothing to be signalled (it does not run yet, or no more). */
  signal(signal: "SIGTERM" | "SIGKILL"): Promise<boolean>;
  /** Kills it, removes it, and looks whether it is gone; what is still wrong after some tries, or undefined. */
  remove(): Promise<string | undefined>;
}

/** An engine that was itself killed while it made the container may still be at it. */
const tries = 5;
const betweenMs = 500;
/** An engine that does not answer for so long will not do so for the next command. */
const limitMs = 30_000;

export function createContainerHandle(name: string, options: EngineCommandOptions): ContainerHandle {
  const run = (...args: readonly string[]): ReturnType<typeof engineCommand> =>
    engineCommand(args, { ...options, limitMs: options.limitMs ?? limitMs });
  const kill = async (signal: string): Promise<boolean> => (await run("kill", `--signal=${signal}`, name)).status === 0;
  return {
    name,
    engine: { executable: options.choice.executable, environment: options.environment },
    signal: kill,
    async remove() {
      let problem = "";
      for (let at = 0; at < tries; at += 1) {
        if (at > 0) await pause(betweenMs);
        await kill("SIGKILL");
        const removed = await run("rm", "--force", name);
        const left = await run("ps", "--all", "--quiet", `--filter=name=^${name}$`);
        if (left.status === 0 && left.stdout.trim() === "") return undefined;
        problem = left.status === 0 ? removed.stderr : left.stderr;
        if (left.status === null) break;
      }
      return `the container ${name} could not be removed: ${problem}`;
    },
  };
}
