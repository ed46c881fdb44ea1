import { optional, text } from "@skyscan/runtime";
import type { SettingTable, SettingValues, ValueKind } from "@skyscan/runtime";

const urlOrNone: ValueKind<string> = {
  allowed: "an http or https URL, or none",
  parse: (value) => (value === "none" || (URL.canParse(value) && /^https?:/i.test(value)) ? value : undefined),
};

/** Where baseline GCD files are looked for; read by server and client. */
export const gcdSettingTable = {
  gcdSources: {
    env: "SKYSCAN_GCD_SOURCES",
    kind: text,
    default: "/opt/i3-data/baseline_gcds:/cvmfs/icecube.opensciencegrid.org/users/RealTime/GCD/PoleBaseGCDs",
    doc: "Colon-separated directories where baseline GCD files are looked for, in this order (the server's --gcd-dir comes first); then the staging directory; then SKYSCAN_GCD_URL.",
  },
  gcdUrl: {
    env: "SKYSCAN_GCD_URL",
    kind: urlOrNone,
    default: "http://prod-exe.icecube.wisc.edu/baseline_gcds",
    doc: "Where baseline GCD files that are in no directory are downloaded from (http or https), by name; none: nowhere.",
  },
  dataHub: {
    env: "EWMS_TASK_DATA_HUB_DIR",
    kind: optional(text),
    default: undefined,
    doc: "Staging directory for large inputs, which processes may share; downloaded baseline GCD files are kept there. Unset: the server's cache directory, the client's scratch directory.",
  },
} as const satisfies SettingTable;

/** Where to look for baseline GCD files, and where to put one that has to be downloaded. */
export interface GcdPlaces {
  /** Looked in first, in this order; never written to. */
  readonly directories: readonly string[];
  /** Looked in next; made when a file is downloaded. Undefined: nothing is downloaded. */
  readonly stagingDirectory: string | undefined;
  /** Without the name; undefined: nothing is downloaded. */
  readonly url: string | undefined;
}

/** No baseline GCD file can be had. */
export const noGcdPlaces: GcdPlaces = { directories: [], stagingDirectory: undefined, url: undefined };

/** The places as the environment has them. `first`: the server's `--gcd-dir`; `staging`: where nothing else is said. */
export function gcdPlaces(
  settings: SettingValues<typeof gcdSettingTable>,
  { first = [], staging }: { readonly first?: readonly string[]; readonly staging: string },
): GcdPlaces {
  const directories = [...first, ...settings.gcdSources.split(":").filter((directory) => directory !== "")];
  return {
    directories: [...new Set(directories)],
    stagingDirectory: settings.dataHub ?? staging,
    url: settings.gcdUrl === "none" ? undefined : settings.gcdUrl.replace(/\/+$/, ""),
  };
}
