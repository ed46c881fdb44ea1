import type { StartupFile } from "@skyscan/protocol";
import { writeFileAtomically } from "@skyscan/runtime";

/** A startup file as a reco sees it: without `broker`. A `StartupFile` is one too. */
export type RecoStartup = Pick<
  StartupFile,
  | "version"
  | "scan_id"
  | "mq_basename"
  | "reco_algo"
  | "reco"
  | "event"
  | "baseline_GCD_file"
  | "baseline_GCD_sha256"
  | "GCDQp_packet"
  | "ended"
>;

/** Writes the private copy of the startup file that a reco reads: without `broker`; the caller leaves it as it is afterwards. */
export async function writeRecoStartup(startup: RecoStartup, path: string): Promise<void> {
  const copy: Record<string, unknown> = { ...startup };
  delete copy["broker"];
  await writeFileAtomically(path, `${JSON.stringify(copy)}\n`);
}
