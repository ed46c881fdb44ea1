import { readFileSync } from "node:fs";
import { join } from "node:path";
import { startChild } from "./children.ts";
import type { Child } from "./children.ts";
import { noopName } from "./noop-reco.ts";

/** A real server with the embedded broker. */
export interface BenchServer extends Child {
  readonly startup: string;
  readonly cache: string;
}

export interface BenchServerOptions {
  /** Holds everything of the scan. */
  readonly directory: string;
  readonly eventFile: string;
  readonly recoPath: string;
  /** Scanned as a whole. */
  readonly nside: number;
}

export function startBenchServer({ directory, eventFile, recoPath, nside }: BenchServerOptions): BenchServer {
  const startup = join(directory, "startup.json");
  const cache = join(directory, "cache");
  const child = startChild({
    file: "packages/cli/bin/skyscan.js",
    args: [
      ...["server", "--event-file", eventFile, "--reco-algo", noopName, "--reco-path", recoPath, "--nsides", `${nside}:0`],
      ...["--cache-dir", cache, "--output-dir", join(directory, "out"), "--client-startup-json", startup, "--log-format", "json"],
    ],
    env: { SKYSCAN_BROKER_ADDRESS: undefined, SKYSCAN_BROKER_AUTH: undefined, SKYSCAN_BROKER_CLIENT: undefined },
  });
  return { ...child, startup, cache };
}

/** Processor seconds of a process so far, all threads, from the kernel's ticks. */
export function cpuSeconds(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]!.split(" ");
  const ticksPerSec = 100;
  return (Number(fields[11]) + Number(fields[12])) / ticksPerSec;
}

/** Resident memory of a process, MB: now, and at its highest. */
export function memoryMb(pid: number): { readonly now: number; readonly peak: number } {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  const megabytes = (key: string): number => Number(new RegExp(`${key}:\\s+(\\d+) kB`).exec(status)![1]) / 1024;
  return { now: megabytes("VmRSS"), peak: megabytes("VmHWM") };
}
