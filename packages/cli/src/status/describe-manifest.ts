type Part = Readonly<Record<string, unknown>>;

const part = (value: unknown, key: string): Part => {
  const inner = (value as Part | null)?.[key];
  return typeof inner === "object" && inner !== null ? (inner as Part) : {};
};
const fixed = (value: unknown): string => (typeof value === "number" ? value.toFixed(3) : "-");
const words = (value: unknown): string =>
  typeof value === "string" || typeof value === "number" || typeof value === "boolean" ? String(value) : "-";

export const stateOf = (manifest: unknown): string => words((manifest as Part | null)?.["state"]);

/** Whose manifest it is; undefined when it is none. */
export function scanIdOf(manifest: unknown): string | undefined {
  const id = part(manifest, "scan_metadata")["scan_id"];
  return typeof id === "string" ? id : undefined;
}

const runningStates = ["starting", "recovering", "scanning"];

/** True when the manifest is the last one of its server. */
export const isOver = (manifest: unknown): boolean => !runningStates.includes(stateOf(manifest));

/** A scan manifest for people. `ageSec`: how old the file is; undefined for an answer of a running server. */
export function describeManifest(manifest: unknown, ageSec: number | undefined): readonly string[] {
  const whole = part({ manifest }, "manifest");
  const progress = part(manifest, "progress");
  const scan = part(manifest, "scan_metadata");
  const workers = part(manifest, "workers");
  const failures = part(manifest, "failures");
  const best = part(manifest, "best_fit");
  const predictions = part(part(progress, "processing_stats"), "predictions");
  const broker = words(whole["broker"]);
  const counters = Object.entries(part(manifest, "counters")).filter(([, count]) => count !== 0);
  return [
    `scan       ${words(scan["scan_id"])}`,
    ageSec === undefined
      ? `state      ${stateOf(manifest)}`
      : `state      ${stateOf(manifest)}, from the manifest, ${Math.round(ageSec)} s old; no server answers`,
    ...Object.entries(part(part(progress, "tallies"), "nsides")).map(([nside, given]) => {
      const tally = part({ given }, "given");
      return `nside ${nside.padEnd(5)}${words(tally["done"])} pixels done, ${words(tally["est. percent"])}`;
    }),
    ...("time left" in predictions ? [`time left  ${words(predictions["time left"])}`] : []),
    aliveLine(workers),
    ...(workers["presence"] === "working" || workers["presence"] === undefined
      ? []
      : [`           ${words(workers["situation"])}`]),
    ...(broker === "up" || broker === "-" ? [] : [`broker     ${broker}`]),
    ...hostLines(workers["by host"]),
    ...("llh" in best
      ? [
          `best fit   RA ${fixed(best["raDeg"])} deg, dec ${fixed(best["decDeg"])} deg, llh ${fixed(best["llh"])} (nside ${words(best["nside"])}, pixel ${words(best["pixel"])})`,
        ]
      : []),
    `failures   ${words(failures["failed units"])} units${Object.entries(part(failures, "by code"))
      .map(([code, count]) => `, ${words(count)} x ${code}`)
      .join("")}`,
    ...(counters.length === 0 ? [] : [`counters   ${counters.map(([name, count]) => `${name} ${words(count)}`).join(", ")}`]),
  ];
}

const aliveLine = (workers: Part): string =>
  `workers    ${words(workers["alive"])} alive with ${words(workers["slots"])} slots on ${words(workers["hosts"])} hosts, ${words(workers["ever seen"])} ever seen`;

/** What a server knows of its clients: who is there, how many were lost, which hosts failed or were sent away. */
export function describeWorkers(manifest: unknown): readonly string[] {
  const workers = part(manifest, "workers");
  return [
    `scan       ${words(part(manifest, "scan_metadata")["scan_id"])}: ${stateOf(manifest)}`,
    aliveLine(workers),
    ...(workers["lost"] === 0 ? [] : [`           ${words(workers["lost"])} lost: they went without a word`]),
    ...hostLines(workers["by host"]),
  ];
}

/** Hosts that are shown, of those that failed something. */
const shownHosts = 5;

/** The hosts with most failures: how often, why, the last line of stderr, whether their clients were sent away. */
function hostLines(hosts: unknown): readonly string[] {
  if (!Array.isArray(hosts)) return [];
  const bad = hosts
    .map((host: unknown) => part({ host }, "host"))
    .filter(({ failures }) => typeof failures === "number" && failures > 0)
    .slice(0, shownHosts);
  return bad.flatMap((host) => {
    const last = part(host, "last failure");
    const told = Array.isArray(host["told to leave"]) ? host["told to leave"].length : 0;
    const stderr = words(last["end of stderr"]).trimEnd().split("\n").at(-1) ?? "";
    return [
      `host       ${words(host["host"])}: ${words(host["failures"])} failures, the last ${words(last["unit"])} ${words(last["code"])}: ${words(last["message"])}${told > 0 ? `; told to leave ${told} times` : ""}`,
      ...(stderr === "" || stderr === "-" ? [] : [`           | ${stderr}`]),
    ];
  });
}
