import { meaningOf, whyOf } from "./exit-policy.ts";
import type { FleetClient } from "./batch-system.ts";
import type { FleetRecord } from "./fleet-record.ts";

/** Hosts, and reasons, that are listed of each kind. */
const listed = 8;

const states = ["running", "idle", "held", "ended"] as const;

/** What became of a fleet, for people. */
export function describeFleet(record: FleetRecord, clients: readonly FleetClient[]): readonly string[] {
  const id = Object.entries(record.id)
    .map(([key, value]) => `${key} ${value}`)
    .join(", ");
  return [
    `fleet      ${record.directory}`,
    `           ${record.system}, ${id}: ${record.jobs} clients with ${record.slotsPerClient} ${record.slotsPerClient === 1 ? "slot" : "slots"} each, started ${record.started}`,
    `clients    ${states.map((state) => `${clients.filter((client) => client.state === state).length} ${state}`).join(", ")}`,
    ...grouped(
      clients.filter(({ state, why }) => state === "idle" && why !== undefined),
      ({ why }) => why!,
    ).map(([why, count]) => `idle       ${count} x ${why}`),
    ...grouped(
      clients.filter(({ state }) => state === "held"),
      (client) => client.why ?? "it is not said why",
    ).map(([why, count]) => `held       ${count} x ${why}`),
    ...grouped(
      clients.filter(({ state }) => state === "ended"),
      (client) => client.why ?? endWords(client.exitStatus),
    ).map(([why, count]) => `ended      ${count} x ${why}`),
    ...badHosts(clients),
  ];
}

const endWords = (status: number | null | undefined): string => {
  if (status === undefined) return "it is not said how";
  return status === null ? "killed" : `status ${status}: ${whyOf(status)}`;
};

/** Where clients ended that were neither done nor taken away. */
function badHosts(clients: readonly FleetClient[]): readonly string[] {
  const bad = clients.filter(
    ({ host, exitStatus }) => host !== undefined && exitStatus !== undefined && meaningOf(exitStatus) !== "done",
  );
  return grouped(bad, ({ host, exitStatus }) => `${host!}: ${endWords(exitStatus)}`).map(
    ([words, count]) => `host       ${words}${count > 1 ? ` (${count} clients)` : ""}`,
  );
}

/** How many are alike, most first. */
function grouped(
  clients: readonly FleetClient[],
  wordsOf: (client: FleetClient) => string,
): readonly (readonly [string, number])[] {
  const counts = new Map<string, number>();
  for (const client of clients) counts.set(wordsOf(client), (counts.get(wordsOf(client)) ?? 0) + 1);
  return [...counts].sort(([, a], [, b]) => b - a).slice(0, listed);
}
