import type { FleetRequest } from "@skyscan/launcher";
import { fleetRequest } from "./fleet-request.ts";

/** A request as `start-clients --on k8s --image registry/skyscan:0.1.0 --jobs 300` makes it. */
export const podRequest = (different: Partial<FleetRequest> = {}): FleetRequest =>
  fleetRequest({ program: { kind: "installed", command: ["skyscan"] }, image: "registry/skyscan:0.1.0", ...different });

/** Requests that together have everything in it. */
export const podRequests: readonly Partial<FleetRequest>[] = [
  {},
  { environmentFiles: { SKYSCAN_BROKER_AUTH_FILE: "/home/ana/token", SKYSCAN_BROKER_CA_FILE: "/home/ana/ca.pem" } },
  {
    jobs: 1,
    timeLimitSec: 3600,
    requirements: "disktype=ssd,kubernetes.io/arch=amd64",
    environment: { SKYSCAN_LOG: "info", NAME: 'it\'s: #"1"' },
    clientArguments: ["--container", "none"],
  },
];
