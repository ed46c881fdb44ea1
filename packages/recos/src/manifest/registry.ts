import { existsSync, readdirSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { messageOf, nearestName } from "@skyscan/runtime";
import { RecoError } from "./errors.ts";
import { inspectRecoDirectory, manifestFileName } from "./manifest-file.ts";
import type { BadManifest, Reco } from "./manifest-file.ts";

/** Recos that come with this package. */
export const builtinRecoDirectory: string = fileURLToPath(new URL("../../builtin", import.meta.url));
/** Launch scripts and further recos: inside this package once it is packed, at the root of a checkout; need not exist. */
export const resourcesDirectory: string =
  ["../../resources", "../../../../resources"]
    .map((path) => fileURLToPath(new URL(path, import.meta.url)))
    .find((path) => existsSync(path)) ?? "";
/** Manifests in `resources/recos`; need not exist. */
export const resourcesRecoDirectory: string = join(resourcesDirectory, "recos");

/** Where a reco was found: an entry of the reco path, or what comes with the program. */
export type RecoOrigin = "path" | "builtin" | "resources";

export interface RegisteredReco extends Reco {
  readonly origin: RecoOrigin;
}

/** A name or alias of a reco that an earlier one takes. */
export interface ShadowedName {
  readonly name: string;
  readonly reco: RegisteredReco;
  readonly by: RegisteredReco;
}

/** Every reco that can be had, in the order of the lookup (reco protocol, section 1). */
export interface Registry {
  /** Those that at least one name leads to. */
  readonly recos: readonly RegisteredReco[];
  /** Names and aliases that lead to another reco, because it comes earlier. */
  readonly shadowed: readonly ShadowedName[];
  /** What could not be used: manifests that do not validate, path entries that are not there. One line each, naming the file. */
  readonly problems: readonly string[];
  /**
   * The reco of a name or alias.
   * @throws RecoError `unknown-reco` listing what there is; `bad-manifest` when the first reco of that name does not validate.
   */
  find(name: string): RegisteredReco;
}

export interface RegistryOptions {
  /** Entries in front of the built-in ones: a reco directory, or a directory of reco directories. See `recoPathEntries`. */
  readonly recoPath: readonly string[];
  readonly builtinDirectory?: string;
  readonly resourcesDirectory?: string;
}

/** Entries of the lookup: what `--reco-path` gave (each may be colon-separated too) in front of `SKYSCAN_RECO_PATH`. */
export const recoPathEntries = (flags: readonly string[], environmentValue: string | undefined): readonly string[] =>
  [...flags, environmentValue ?? ""].flatMap((list) => list.split(":")).filter((entry) => entry !== "");

type Claim =
  { readonly reco: RegisteredReco; readonly bad?: undefined } | { readonly reco?: undefined; readonly bad: BadManifest };

/** Reads all manifests there are; bad ones are reported and leave the others usable. Never throws. */
export function loadRegistry(options: RegistryOptions): Registry {
  const problems: string[] = [];
  const claims = new Map<string, Claim>();
  const shadowed: ShadowedName[] = [];

  const claim = (name: string, by: Claim): void => {
    const holder = claims.get(name);
    if (holder === undefined) claims.set(name, by);
    else if (holder.reco !== undefined && by.reco !== undefined && holder.reco !== by.reco) {
      shadowed.push({ name, reco: by.reco, by: holder.reco });
    }
  };
  const addEntry = (entry: string, origin: RecoOrigin): void => {
    const found: Claim[] = [];
    for (const dir of recoDirectoriesOf(entry, origin, problems)) {
      const reading = inspectRecoDirectory(dir);
      if (reading?.reco !== undefined) found.push({ reco: { ...reading.reco, origin } });
      else if (reading !== undefined) {
        problems.push(...reading.bad.problems);
        found.push({ bad: reading.bad });
      }
    }
    for (const one of found) claim(one.reco?.manifest.name ?? one.bad?.name ?? "", one);
    for (const one of found) for (const alias of one.reco?.manifest.aliases ?? []) claim(alias, one);
  };

  for (const entry of options.recoPath) addEntry(resolve(entry), "path");
  addEntry(options.builtinDirectory ?? builtinRecoDirectory, "builtin");
  addEntry(options.resourcesDirectory ?? resourcesRecoDirectory, "resources");

  const recos = [...new Set([...claims.values()].flatMap(({ reco }) => (reco === undefined ? [] : [reco])))];
  return {
    recos,
    shadowed,
    problems,
    find(name) {
      const holder = claims.get(name);
      if (holder?.reco !== undefined) return holder.reco;
      if (holder !== undefined) throw new RecoError("bad-manifest", holder.bad.problems.join("\n"));
      throw new RecoError("unknown-reco", unknownReco(name, recos));
    },
  };
}

/** The reco directories of one entry, sorted by name, so that the lookup is the same everywhere. */
function recoDirectoriesOf(entry: string, origin: RecoOrigin, problems: string[]): readonly string[] {
  const isReco = (dir: string): boolean => statSync(join(dir, manifestFileName), { throwIfNoEntry: false }) !== undefined;
  try {
    if (isReco(entry)) return [entry];
    return readdirSync(entry)
      .sort()
      .map((name) => join(entry, name))
      .filter((dir) => statSync(dir, { throwIfNoEntry: false })?.isDirectory() === true && isReco(dir));
  } catch (error) {
    if (origin === "path") problems.push(`${entry}: this entry of the reco path cannot be read: ${messageOf(error)}`);
    return [];
  }
}

function unknownReco(name: string, recos: readonly RegisteredReco[]): string {
  const known = recos.flatMap(({ manifest }) => [manifest.name, ...manifest.aliases]);
  const near = nearestName(name, known);
  const listed = recos.map(({ manifest }) =>
    manifest.aliases.length === 0 ? manifest.name : `${manifest.name} (also ${manifest.aliases.join(", ")})`,
  );
  const hint = near === undefined ? "." : `, did you mean "${near}"?`;
  const there = listed.length === 0 ? "none" : listed.sort().join(", ");
  return `there is no reco "${name}"${hint} There is: ${there}. Others are found through SKYSCAN_RECO_PATH or --reco-path`;
}
