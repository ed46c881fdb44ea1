import type { StartupFile } from "@skyscan/protocol";

/** What tells one copy of a reco from another. */
export interface RecoIdentity {
  readonly name: string;
  readonly version: string;
  readonly manifestSha256: string;
}

const describe = (reco: RecoIdentity): string => `${reco.name} ${reco.version} (manifest ${reco.manifestSha256.slice(0, 12)})`;

/** One sentence that says how this client's reco differs from the scan's and what to do, or undefined when they are the same. */
export function recoMismatch(scan: StartupFile["reco"], here: RecoIdentity): string | undefined {
  if (scan.name === here.name && scan.version === here.version && scan.manifestSha256 === here.manifestSha256) return undefined;
  return (
    `this client has the reco ${describe(here)}, the scan uses ${describe(scan)}: install the server's release of skyscan here, ` +
    `or put the server's copy of the reco on SKYSCAN_RECO_PATH (--reco-path) of this client`
  );
}
