import { existsSync } from "node:fs";
import { chmod, copyFile, cp, mkdir, readdir, symlink } from "node:fs/promises";
import { basename, dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { UsageError } from "@skyscan/runtime";
import type { ProductionPackage } from "./production-packages.ts";

/** Not needed to run: TypeScript, maps to it, what Python compiled for itself, and what is for another libc. */
const isLeftOut = (path: string): boolean =>
  basename(path) === "__pycache__" ||
  /\.([cm]?ts|[cm]?[tj]s\.map|tsbuildinfo)$/.test(path) ||
  /\bmusl\b.*\.node$/.test(basename(path));
const ownSources = ["src", "native"];

const launcher = fileURLToPath(new URL("../../bundle/skyscan.sh", import.meta.url));

export interface LayOut {
  readonly packages: readonly ProductionPackage[];
  /** The directory of launch scripts and of the recos that are no package's; need not exist. */
  readonly resources: string;
  /** The Node that goes along; undefined: the bundle uses the one on PATH. */
  readonly node: string | undefined;
}

/**
 * Lays the bundle out in `directory`, which is made:
 *
 *     bin/skyscan, bin/node
 *     app/NAME@VERSION/node_modules/NAME          each package once, with what it imports linked beside it
 *     app/skyscan -> skyscan@VERSION/node_modules/skyscan
 *     resources -> those in the recos' package
 *
 * All links are relative: it works wherever it is moved to.
 */
export async function layOut(directory: string, { packages, resources, node }: LayOut): Promise<void> {
  const app = join(directory, "app");
  const modules = new Map(
    packages.map((one, index) => [one.directory, join(app, folderOf(one, index, packages), "node_modules")]),
  );
  const placeOf = new Map(packages.map((one) => [one.directory, join(modules.get(one.directory)!, one.name)]));
  for (const one of packages) {
    await copyPackage(one, placeOf.get(one.directory)!);
    for (const [name, dependency] of one.dependencies) {
      if (name !== one.name) await makeLink(placeOf.get(dependency)!, join(modules.get(one.directory)!, name));
    }
  }
  await makeLink(placeOf.get(packages[0]!.directory)!, join(app, "skyscan"));
  const recos = packages.find(({ name }) => name === "@skyscan/recos")!;
  const inside = join(placeOf.get(recos.directory)!, "resources");
  if (existsSync(resources)) await cp(resources, inside, { recursive: true, filter: (path) => !isLeftOut(path) });
  if (existsSync(inside)) await makeLink(inside, join(directory, "resources"));
  const bin = join(directory, "bin");
  await mkdir(bin, { recursive: true });
  await copyFile(launcher, join(bin, "skyscan"));
  await chmod(join(bin, "skyscan"), 0o755);
  if (node !== undefined) await copyFile(node, join(bin, "node"));
}

/** npm may install one version at several places, each with other dependencies around it. */
function folderOf({ name, version }: ProductionPackage, index: number, packages: readonly ProductionPackage[]): string {
  const before = packages.slice(0, index).filter((one) => one.name === name && one.version === version).length;
  return `${name.replace("/", "+")}@${version}${before === 0 ? "" : `_${before + 1}`}`;
}

async function makeLink(target: string, link: string): Promise<void> {
  await mkdir(dirname(link), { recursive: true });
  await symlink(relative(dirname(link), target), link);
}

/** In a checkout a package's directory holds more than belongs to it; below `node_modules` it holds what was published. */
async function copyPackage({ directory, files }: ProductionPackage, place: string): Promise<void> {
  const published = directory.split("/").includes("node_modules");
  const names = published || files === undefined ? await readdir(directory) : ["package.json", ...files];
  for (const name of names) {
    if (name === "node_modules" || (!published && ownSources.includes(name))) continue;
    if (!existsSync(join(directory, name))) {
      // What is in the checkout's resources/ is inside the package only when it was packed.
      if (name === "resources") continue;
      throw new UsageError(`${join(directory, name)} is missing: build first (npm run build)`);
    }
    await cp(join(directory, name), join(place, name), { recursive: true, filter: (path) => !isLeftOut(path) });
  }
}
