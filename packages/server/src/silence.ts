import type { Workers } from "./workers.ts";

/** Why the server gives up on its clients; undefined while there were signs of life within the limit. */
export function silenceVerdict(workers: Workers, silentSec: number, limitSec: number): string | undefined {
  if (silentSec < limitSec) return undefined;
  const who =
    workers.everSeen === 0
      ? "no client has ever come"
      : workers.alive.length === 0
        ? `all ${workers.everSeen} clients are gone`
        : `${workers.alive.length} clients are there but send nothing`;
  return `nothing came for ${Math.round(silentSec)} s: ${who} (limit SKYSCAN_MQ_TIMEOUT_FROM_CLIENTS=${limitSec})`;
}
