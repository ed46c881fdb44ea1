import type { Situation } from "./presence.ts";

/** Why the server gives up on its clients; undefined while there were signs of life within the limit. */
export function silenceVerdict(situation: () => Situation, silentSec: number, limitSec: number): string | undefined {
  if (silentSec < limitSec) return undefined;
  const { presence, sentence } = situation();
  // Clients that fell silent are not lost before three beats.
  const who = presence === "working" ? `clients are here but send nothing (${sentence})` : sentence;
  return `nothing came for ${Math.round(silentSec)} s: ${who} (limit SKYSCAN_MQ_TIMEOUT_FROM_CLIENTS=${limitSec})`;
}
