import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { manifestFileName } from "./manifest-file.ts";

/** A directory of recos that have the names of others and are run in another way; used when it is on the reco path. */
export interface RecoVariants {
  readonly directory: string;
  readonly names: readonly string[];
}

/** Those of a resources directory: `recos_warm` and the like, beside `recos`. */
export function recoVariants(resources: string): readonly RecoVariants[] {
  const directories = namesIn(resources).filter((name) => name.startsWith("recos_"));
  return directories.map((name) => {
    const directory = join(resources, name);
    return { directory, names: namesIn(directory).filter((reco) => existsSync(join(directory, reco, manifestFileName))) };
  });
}

function namesIn(directory: string): readonly string[] {
  try {
    return readdirSync(directory).sort();
  } catch {
    return [];
  }
}
