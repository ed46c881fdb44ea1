import type { FleetRequest } from "@skyscan/launcher";

/** A request as `start-clients --jobs 300 --memory 8GB` makes it. */
export const fleetRequest = (different: Partial<FleetRequest> = {}): FleetRequest => ({
  started: "2026-11-22T08:00:00Z",
  user: "ana",
  directory: "/home/ana/logs/skyscan-2026-11-22T08-00-00Z",
  startup: [{ path: "/home/ana/client-startup.json", directory: false }],
  scanIds: ["run1.evt2.neutrino-pandel_spe-8-0123abcd"],
  program: { kind: "tarball", path: "/home/ana/logs/skyscan-2026-11-22T08-00-00Z/skyscan.tar.gz" },
  jobs: 300,
  slotsPerClient: 1,
  cpus: 1,
  memoryMib: 8192,
  diskMib: 2048,
  timeLimitSec: undefined,
  image: undefined,
  requirements: undefined,
  priority: undefined,
  accountingGroup: undefined,
  collector: undefined,
  schedd: undefined,
  clientArguments: [],
  environment: {},
  environmentFiles: {},
  ...different,
});
