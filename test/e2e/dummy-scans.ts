import { freshDirectories } from "./fresh-directories.ts";
import { scanning } from "./scanning.ts";
import type { Scanning } from "./scanning.ts";

/** Makes places for scans with the dummy reco, each of its own; what `freshDirectories` says holds of it. */
export function dummyScans(): (options?: {
  readonly nsides?: readonly string[];
  readonly env?: Scanning["env"];
}) => Promise<Scanning> {
  const freshDirectory = freshDirectories();
  return async (options = {}) => scanning(await freshDirectory(), { reco: "dummy", nsides: ["2:0"], ...options });
}

/** Flags that make each fit of the dummy reco take so long. */
export const fitsTake = (sec: "0.01" | "0.1" | "1" | "3"): readonly string[] => ["--reco-option", `runtime=${sec}`];
