import { startChild } from "../children.ts";
import type { Child } from "../children.ts";

/** What both programs of a bare loop are told. */
export interface BareLoop {
  /** Where the broker is; for the embedded one a free port of the loopback. */
  readonly address: string;
  /** Names of this run's own. */
  readonly work: string;
  readonly replies: string;
  /** A file of this run's own, for who needs one. */
  readonly path: string;
  /** Units that are out at the same time. */
  readonly window: number;
  readonly units: number;
  readonly warmUpUnits: number;
  readonly workBytes: number;
  readonly replyBytes: number;
}

export const bareLoopOf = (argument: string | undefined): BareLoop => JSON.parse(argument ?? "{}") as BareLoop;

/**
 * Messages per second of the loop that has nothing but the driver's client library: a process that sends and collects, another that answers. They
 * are found by the driver's name. Undefined: nothing came any more.
 */
export async function runBare(driver: string, loop: BareLoop): Promise<number | undefined> {
  const program = (end: "server" | "client"): Child =>
    startChild({ file: `bench/loop/bare-${driver}-${end}.ts`, args: [JSON.stringify(loop)] });
  const server = program("server");
  const client = program("client");
  try {
    const broken = client.output.then(() => new Promise<never>(() => undefined));
    const output = await Promise.race([server.output, broken]);
    return (JSON.parse(output) as { perSec?: number }).perSec;
  } finally {
    await Promise.all([server.kill(), client.kill()]);
  }
}

/** Counts replies; knows the rate when the last one is there. */
export function createMeter({ units, warmUpUnits }: BareLoop): { count(): number | undefined } {
  let done = 0;
  let startedMs = performance.now();
  return {
    count() {
      done += 1;
      if (done === warmUpUnits) startedMs = performance.now();
      return done === units ? (units - warmUpUnits) / ((performance.now() - startedMs) / 1000) : undefined;
    },
  };
}
