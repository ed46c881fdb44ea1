import { existsSync } from "node:fs";
import { readFile, readdir, rename, rm, stat } from "node:fs/promises";
import { arch, platform } from "node:os";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { create } from "tar";
import type { Argv } from "yargs";
import { packageVersion } from "@skyscan/protocol";
import { resourcesDirectory } from "@skyscan/recos";
import { UsageError, makeDirectory, sweepTemporaryNames, temporaryName } from "@skyscan/runtime";
import { elfNeeds } from "../bundle/elf-needs.ts";
import { layOut } from "../bundle/lay-out.ts";
import { parseVersion, whyNotPortable } from "../bundle/portability.ts";
import { productionPackages } from "../bundle/production-packages.ts";
import type { Command } from "../process.ts";

export interface BundleArguments {
  readonly output: string;
  readonly node: boolean;
  readonly glibc: string;
}

const name = `skyscan-${packageVersion}-${platform()}-${arch()}`;

export const bundleFlags = <T>(yargs: Argv<T>): Argv<T> =>
  yargs
    .option("output", {
      alias: "o",
      type: "string",
      default: `./${name}.tar.gz`,
      describe: "the tarball (.tar.gz) or directory to write",
    })
    .option("node", { type: "boolean", default: true, describe: "take this Node along; --no-node: for images that have one" })
    .option("glibc", { type: "string", default: "2.28", describe: "the oldest glibc that it must run with" });

const root = fileURLToPath(new URL("../..", import.meta.url));

/** One tarball with Node, this program, its packages and the native recos, which runs wherever it is unpacked. Prints its path. */
export const bundle: Command<BundleArguments> = async (args, context) => {
  const glibc = parseVersion(args.glibc);
  if (glibc === undefined) throw new UsageError(`--glibc ${args.glibc} is not allowed: it takes a version, for example 2.28`);
  const output = resolve(args.output);
  const isTarball = /\.(tar\.gz|tgz)$/.test(output);
  if (!isTarball && existsSync(output)) throw new UsageError(`--output ${args.output} is there already: give another directory`);
  await makeDirectory(dirname(output));
  await sweepTemporaryNames(dirname(output));
  const staging = temporaryName(output);
  try {
    const packages = await productionPackages(root);
    const directory = join(staging, name);
    await layOut(directory, { packages, resources: resourcesDirectory, node: args.node ? process.execPath : undefined });
    const lacks = await portabilityProblems(directory, glibc);
    if (lacks.length > 0)
      throw new UsageError([
        ...lacks,
        `Not for glibc ${args.glibc}: take the Node of nodejs.org, or give --glibc what runs where you need it`,
      ]);
    if (isTarball) {
      const tarball = join(staging, "tarball");
      // portable: no user names, so that the files belong to whoever unpacks it.
      await create({ file: tarball, cwd: staging, gzip: { level: 3 }, portable: true }, [name]);
      await rename(tarball, output);
    } else await rename(directory, output);
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
  if (isTarball) {
    const megabytes = ((await stat(output)).size / 1e6).toFixed(1);
    context.complain(`${megabytes} MB; unpack it anywhere and run ${name}/bin/skyscan`);
  }
  context.print(relative(process.cwd(), output));
  return 0;
};

/** Every program and addon of the bundle that would not run with that glibc, one line each. */
async function portabilityProblems(directory: string, glibc: readonly [number, number]): Promise<readonly string[]> {
  const problems: string[] = [];
  for (const entry of await readdir(directory, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    const { mode, size } = await stat(path);
    if (size < 64 || ((mode & 0o111) === 0 && !entry.name.endsWith(".node"))) continue;
    const needs = elfNeeds(await readFile(path));
    const why = needs && whyNotPortable(needs, glibc);
    if (why !== undefined) problems.push(`${relative(directory, path)} ${why}`);
  }
  return problems;
}
