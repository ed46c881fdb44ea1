import { UsageError } from "@skyscan/runtime";
import type { BatchSystem } from "./batch-system.ts";
import { condor } from "./condor/condor.ts";
import { k8s } from "./k8s/k8s.ts";
import { local } from "./local/local.ts";
import { slurm } from "./slurm/slurm.ts";

/** Every batch system there is; the first is the default. */
export const batchSystems: readonly [BatchSystem, ...BatchSystem[]] = [condor, slurm, k8s, local];

/** @throws UsageError when this version has none of that name. */
export function batchSystem(name: string): BatchSystem {
  const found = batchSystems.find((system) => system.name === name);
  if (found === undefined)
    throw new UsageError(
      `there is no batch system ${name} in this version: it has ${batchSystems.map((system) => system.name).join(", ")}`,
    );
  return found;
}
