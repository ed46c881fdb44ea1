type Part = Readonly<Record<string, unknown>>;

const part = (value: unknown, key: string): Part => {
  const inner = (value as Part | null)?.[key];
  return typeof inner === "object" && inner !== null ? (inner as Part) : {};
};
const words = (value: unknown): string =>
  typeof value === "string" || typeof value === "number" || typeof value === "boolean" ? String(value) : "-";

/** A scan manifest for people. `ageSec`: how old the file is; undefined for an answer of a running server. */
export function describeManifest(manifest: unknown, ageSec: number | undefined): readonly string[] {
  const progress = part(manifest, "progress");
  const scan = part(manifest, "scan_metadata");
  const workers = part(manifest, "workers");
  const failures = part(manifest, "failures");
  const best = part(manifest, "best_fit");
  const predictions = part(part(progress, "processing_stats"), "predictions");
  const counters = Object.entries(part(manifest, "counters")).filter(([, count]) => count !== 0);
  return [
    `scan       ${words(scan["scan_id"])}`,
    ageSec === undefined
      ? `state      ${words((manifest as Part)["state"])}`
      : `state      ${words((manifest as Part)["state"])}, from the manifest, ${Math.round(ageSec)} s old; no server answers`,
    ...Object.entries(part(part(progress, "tallies"), "nsides")).map(
      ([nside, tally]) =>
        `nside ${nside.padEnd(5)}${words((tally as Part)["done"])} pixels done, ${words((tally as Part)["est. percent"])}`,
    ),
    ...("time left" in predictions ? [`time left  ${words(predictions["time left"])}`] : []),
    `workers    ${words(workers["alive"])} alive with ${words(workers["slots"])} slots on ${words(workers["hosts"])} hosts, ${words(workers["ever seen"])} ever seen`,
    ...("llh" in best
      ? [
          `best fit   RA ${Number(best["raDeg"]).toFixed(3)} deg, dec ${Number(best["decDeg"]).toFixed(3)} deg, llh ${Number(best["llh"]).toFixed(3)} (nside ${words(best["nside"])}, pixel ${words(best["pixel"])})`,
        ]
      : []),
    `failures   ${words(failures["failed units"])} units${Object.entries(part(failures, "by code"))
      .map(([code, count]) => `, ${words(count)} x ${code}`)
      .join("")}`,
    ...(counters.length === 0 ? [] : [`counters   ${counters.map(([name, count]) => `${name} ${words(count)}`).join(", ")}`]),
  ];
}
