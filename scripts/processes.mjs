// Child processes of the set-up and test commands: quiet unless they fail, or with our own output.
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

/** Absolute path of the checkout. */
export const checkout = fileURLToPath(new URL("../", import.meta.url)).replace(/\/$/, "");

/** Printed to stderr: results alone go to stdout. */
export const say = (line) => process.stderr.write(`${line}\n`);

/** Ends the command: what was wrong, and what to do, in lines. */
export class CannotGoOn extends Error {}

/**
 * Runs argv in the checkout. Resolves with {status, output}; never rejects.
 * @param {readonly string[]} argv
 * @param {{show?: boolean, env?: NodeJS.ProcessEnv, cwd?: string, limitSec?: number}} [options] show: its output goes where ours goes
 */
export function run(argv, { show = false, env = process.env, cwd = checkout, limitSec } = {}) {
  return new Promise((resolve) => {
    const child = spawn(argv[0], argv.slice(1), {
      cwd,
      env,
      stdio: ["ignore", show ? "inherit" : "pipe", show ? "inherit" : "pipe"],
    });
    const limit = limitSec === undefined ? undefined : setTimeout(() => child.kill("SIGKILL"), limitSec * 1000);
    const chunks = [];
    child.stdout?.on("data", (chunk) => chunks.push(chunk));
    child.stderr?.on("data", (chunk) => chunks.push(chunk));
    child.on("error", (error) => {
      clearTimeout(limit);
      resolve({ status: 127, output: error.message });
    });
    child.on("close", (status) => {
      clearTimeout(limit);
      resolve({ status: status ?? 1, output: Buffer.concat(chunks).toString() });
    });
  });
}

/**
 * Lets a child end in its own good order, and this process wait for it. Ctrl-C reaches the whole foreground group by itself: passing it on
 * too would be the second signal, which means "leave now".
 */
export function forwardSignals(child) {
  process.on("SIGINT", () => {});
  process.on("SIGTERM", () => child.kill("SIGTERM"));
}

/** Runs a step quietly and says how long it took; shows all of its output when it fails. */
export async function step(title, argv, options) {
  const started = performance.now();
  say(`${title} …`);
  const { status, output } = await run(argv, options);
  if (status !== 0) {
    process.stderr.write(output.endsWith("\n") ? output : `${output}\n`);
    throw new CannotGoOn(`${title}: failed with status ${status} (${argv.join(" ")}); its output is above.`);
  }
  say(`${title}: done in ${((performance.now() - started) / 1000).toFixed(1)} s`);
}

/** Runs a command's main function; what it returns is the exit status, and a CannotGoOn is told without a stack. */
export async function command(main) {
  try {
    process.exitCode = await main(process.argv.slice(2));
  } catch (error) {
    if (!(error instanceof CannotGoOn)) throw error;
    say(error.message);
    process.exitCode = 2;
  }
}
