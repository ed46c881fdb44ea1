import { execFile } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { repositoryPath } from "@skyscan/testing";

const run = promisify(execFile);

/** Name of the reco that does nothing. */
export const noopName = "noop";

/** Compiles the reco that does nothing; returns its path. */
export async function compileNoop(directory: string): Promise<string> {
  const executable = join(directory, "noop");
  await run(process.env["CXX"] ?? "c++", ["-O2", "-std=c++17", "-o", executable, repositoryPath("bench/noop.cpp")]);
  return executable;
}

/** Writes a manifest for it: so many fits per pixel, so many units sent ahead to the process. Returns what `--reco-path` takes. */
export async function writeNoopManifest(
  directory: string,
  executable: string,
  variant: { readonly variations: number; readonly inFlight: number },
): Promise<string> {
  const { variations, inFlight } = variant;
  const path = join(directory, `reco-${variations}-${inFlight}`, noopName);
  await mkdir(path, { recursive: true });
  const manifest = {
    protocol: 1,
    name: noopName,
    version: "1.0.0",
    description: "answers at once",
    run: { mode: "stream", command: [executable, noopName], inFlight },
    seeding: {
      vertexVariations: { kind: "list", offsetsM: Array.from({ length: variations }, (_, posvar) => [posvar, 0, 0]) },
    },
  };
  await writeFile(join(path, "reco.json"), JSON.stringify(manifest));
  return path;
}
