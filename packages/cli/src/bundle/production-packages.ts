import { createRequire } from "node:module";
import { readFile, realpath, stat } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";

const aboutSchema = z.object({
  name: z.string(),
  version: z.string(),
  files: z.array(z.string()).optional(),
  dependencies: z.record(z.string(), z.string()).optional(),
  optionalDependencies: z.record(z.string(), z.string()).optional(),
  peerDependencies: z.record(z.string(), z.string()).optional(),
  peerDependenciesMeta: z.record(z.string(), z.object({ optional: z.boolean().optional() })).optional(),
});

/** A package that runs with the product, where it is installed now. */
export interface ProductionPackage {
  readonly name: string;
  readonly version: string;
  /** Absolute, without symbolic links. */
  readonly directory: string;
  /** What its `package.json` says belongs to it; undefined: all. */
  readonly files: readonly string[] | undefined;
  /** Directories of the packages that it imports, by name. */
  readonly dependencies: ReadonlyMap<string, string>;
}

/**
 * The package in `root` and all that it needs to run, found as Node finds it: in a checkout, below npm's `node_modules` and below pnpm's. Optional
 * dependencies that are not installed (another platform's) are left out.
 * @throws Error when a dependency is not installed.
 */
export async function productionPackages(root: string): Promise<readonly ProductionPackage[]> {
  const found = new Map<string, ProductionPackage>();
  const waiting = [await realpath(root)];
  for (let directory = waiting.pop(); directory !== undefined; directory = waiting.pop()) {
    if (found.has(directory)) continue;
    const about = aboutSchema.parse(JSON.parse(await readFile(join(directory, "package.json"), "utf8")));
    const dependencies = new Map<string, string>();
    for (const [name, required] of wantedBy(about)) {
      const place = await placeOf(name, directory);
      if (place !== undefined) dependencies.set(name, place);
      else if (required) throw new Error(`${about.name} needs the package ${name}, which is not installed`);
    }
    found.set(directory, { name: about.name, version: about.version, directory, files: about.files, dependencies });
    waiting.push(...dependencies.values());
  }
  return [...found.values()];
}

/** Names, and whether nothing works without them. */
function wantedBy(about: z.infer<typeof aboutSchema>): ReadonlyMap<string, boolean> {
  const peers = Object.keys(about.peerDependencies ?? {}).map(
    (name) => [name, about.peerDependenciesMeta?.[name]?.optional !== true] as const,
  );
  const required = Object.keys(about.dependencies ?? {}).map((name) => [name, true] as const);
  const optional = Object.keys(about.optionalDependencies ?? {}).map((name) => [name, false] as const);
  return new Map([...peers, ...required, ...optional]);
}

/** The directory that Node would take `name` from, for a module in `directory`. Not by `resolve`: a package need not export its `package.json`. */
async function placeOf(name: string, directory: string): Promise<string | undefined> {
  for (const modules of createRequire(join(directory, "package.json")).resolve.paths(name) ?? []) {
    const place = join(modules, name);
    const there = await stat(join(place, "package.json")).catch(() => undefined);
    if (there?.isFile() === true) return realpath(place);
  }
  return undefined;
}
