import { setTimeout as pause } from "node:timers/promises";
import { between, pick } from "./chance.ts";
import type { Blow, Fault } from "./fault.ts";
import type { Role } from "./role.ts";
import type { Stage } from "./stage.ts";

/** Stops a process for so long, whatever happens meanwhile: also beyond the scan's end. */
async function stopFor(stage: Stage, role: Role, ms: number): Promise<void> {
  role.signal("SIGSTOP");
  try {
    await pause(ms);
  } finally {
    role.signal("SIGCONT");
  }
}

const stops = (which: (stage: Stage, blow: Blow) => Role, lowMs: number, highMs: number): Fault["strike"] =>
  async function strike(stage, blow) {
    const role = which(stage, blow);
    const ms = between(blow.random, lowMs, highMs);
    if (!(await stage.reached(blow.at)) || !role.running) return false;
    await stopFor(stage, role, ms);
    return true;
  };

const someClient = (stage: Stage, { random }: Blow): Role => pick(random, stage.clients);

/** SIGSTOP and SIGCONT: a machine that swaps, a virtual machine that moves. The broker's heartbeat is two seconds here, a worker's life sign thirty. */
export const pauses: readonly Fault[] = [
  {
    name: "stop-client",
    what: "SIGSTOP of a client for 1 to 6 s, then SIGCONT",
    weight: 3,
    strike: stops(someClient, 1000, 6000),
  },
  {
    name: "stop-client-long",
    what: "SIGSTOP of a client for 17 to 40 s: beyond keepalive and life signs",
    weight: 1,
    strike: stops(someClient, 17_000, 40_000),
  },
  {
    name: "stop-server",
    what: "SIGSTOP of the server for 1 to 6 s",
    weight: 3,
    strike: stops(({ server }) => server, 1000, 6000),
  },
  {
    name: "stop-server-long",
    what: "SIGSTOP of the server for 16 to 20 s: beyond keepalive",
    weight: 1,
    strike: stops(({ server }) => server, 16_000, 20_000),
  },
];
