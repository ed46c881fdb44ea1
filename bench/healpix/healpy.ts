import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { repositoryPath } from "@skyscan/testing";

/** Processor seconds of an operation over so many inputs, and the sum of its answers. */
export interface Timed {
  readonly cpuSec: number;
  readonly sum: number;
}

/** A Python that answers with healpy. */
export interface Healpy {
  readonly version: string;
  run(operation: string, nside: number, count: number, radiusRad: number): Promise<Timed>;
  stop(): Promise<void>;
}

/** @throws Error when the Python has no healpy, with what it said */
export async function startHealpy(python: string, inputFiles: readonly string[]): Promise<Healpy> {
  const child = spawn(python, ["-W", "ignore", repositoryPath("bench/healpix/healpy-child.py"), ...inputFiles], {
    stdio: ["pipe", "pipe", "pipe"],
  });
  let stderr = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => void (stderr += text));
  child.stdin.on("error", () => undefined);
  const closed = new Promise<string>((resolve) => {
    child.on("error", ({ message }) => resolve(message));
    child.on("close", () => resolve(stderr.trim().split("\n").at(-1) ?? ""));
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const line = async (): Promise<string> => {
    const { value, done } = await lines.next();
    if (done === true) throw new Error(`${python} with healpy ended: ${await closed}`);
    return value;
  };
  return {
    version: await line(),
    async run(operation, nside, count, radiusRad) {
      child.stdin.write(`${operation} ${nside} ${count} ${radiusRad}\n`);
      const [cpuSec, sum] = (await line()).split(" ");
      return { cpuSec: Number(cpuSec), sum: Number(sum) };
    },
    async stop() {
      child.stdin.end();
      await closed;
    },
  };
}
