import { constants } from "node:fs";
import { access, stat } from "node:fs/promises";
import { isAbsolute, join, resolve } from "node:path";
import { RecoError } from "../manifest/errors.ts";
import { howToBuild, otherPlatform } from "./native-program.ts";

/**
 * The absolute path of a command's first item: `./…` and `../…` relative to the manifest, absolute as it is, bare from the child's PATH.
 * @throws RecoError `start-failed` naming what is missing: the engine never builds a reco.
 */
export async function resolveExecutable(first: string, recoDir: string, path: string): Promise<string> {
  if (first.includes("/")) {
    const file = isAbsolute(first) ? first : resolve(recoDir, first);
    const lack = await whyNotExecutable(file);
    if (lack === undefined) return file;
    throw new RecoError("start-failed", `the reco's executable ${file} ${lack}`);
  }
  const found = await findOnPath(first, path);
  if (found !== undefined) return found;
  throw new RecoError("start-failed", `the reco's executable "${first}" is not on PATH (${path})`);
}

/** Absolute path of a command that is looked for in the directories of `path`. */
export async function findOnPath(command: string, path: string): Promise<string | undefined> {
  for (const directory of path.split(":")) {
    const file = join(directory === "" ? "." : directory, command);
    if ((await whyNotExecutable(file)) === undefined) return resolve(file);
  }
  return undefined;
}

async function whyNotExecutable(file: string): Promise<string | undefined> {
  try {
    if (!(await stat(file)).isFile()) return "is not a file";
  } catch {
    return `does not exist (it has to be built or installed on this machine${howToBuild(file)})`;
  }
  try {
    await access(file, constants.X_OK);
  } catch {
    return "is not executable (chmod +x)";
  }
  return otherPlatform(file);
}
