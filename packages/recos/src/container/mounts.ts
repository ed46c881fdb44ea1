import { dirname, relative, resolve } from "node:path";
import type { RunBlock } from "../manifest/manifest.ts";
import { fillPlaceholders } from "../manifest/placeholders.ts";
import type { PlaceholderValues } from "../manifest/placeholders.ts";

/** A file or directory that a container sees at its own path. */
export interface Mount {
  readonly path: string;
  readonly writable: boolean;
}

export interface MountOptions {
  readonly run: Pick<RunBlock, "binds" | "passEnv">;
  readonly values: PlaceholderValues;
  /** Other paths, read-only, each if it exists. */
  readonly inputs: readonly string[];
  /** The command's first item when it is a file of the reco, as an absolute path. */
  readonly executable: string | undefined;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly exists: (path: string) => boolean;
}

/**
 * What a reco's container sees of the host, parents before what is in them, each path once. The engine's own are there; of `binds`, those that
 * exist. What is wanted read-only and writable is writable.
 */
export function containerMounts({ run, values, inputs, executable, environment, exists }: MountOptions): readonly Mount[] {
  const { infile, outfile } = values;
  const outside = executable !== undefined && !isBelow(values.recoDir, executable) ? [executable] : [];
  const elsewhere = infile === undefined || (outfile !== undefined && isBelow(dirname(outfile), infile)) ? [] : [infile];
  const binds = run.binds.map((bind) => fillPlaceholders(bind, values, environment));
  const asked = [...binds, ...inputs].filter((path) => path !== "" && exists(resolve(path)));
  const readOnly = [values.startup, values.gcdqpPacket, values.baselineGcd, values.recoDir, ...outside, ...elsewhere, ...asked];
  const writable = [values.dataHub, values.scratch, ...(outfile === undefined ? [] : [dirname(outfile)])];
  const mounts = new Map<string, Mount>();
  for (const path of readOnly) if (path !== undefined) mounts.set(resolve(path), { path: resolve(path), writable: false });
  for (const path of writable) mounts.set(resolve(path), { path: resolve(path), writable: true });
  const depth = ({ path }: Mount): number => path.split("/").length;
  return [...mounts.values()].sort((a, b) => depth(a) - depth(b) || (a.path < b.path ? -1 : 1));
}

const isBelow = (directory: string, path: string): boolean => !/^\.\.(\/|$)/.test(relative(directory, path));
