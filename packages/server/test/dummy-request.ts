import { join } from "node:path";
import type { ScanRequest } from "../src/request/request.ts";

/** A scan of one event with the dummy reco, with everything else as `skyscan scan` has it; all that it writes is in `directory`. */
export const dummyRequest = (directory: string, eventFile: string): ScanRequest => ({
  eventFile,
  recoAlgo: "dummy",
  recoOptions: {},
  recoPath: [],
  clientStartupJson: join(directory, "client-startup.json"),
  cacheDir: join(directory, "cache"),
  outputDir: join(directory, "out"),
  gcdDir: join(directory, "gcd"),
  geometry: undefined,
  nsides: ["1:0"],
  predictiveScanningThreshold: 1,
  realEvent: undefined,
  resume: true,
  discard: false,
  maxAttempts: 3,
  seed: undefined,
  takeOver: false,
  listen: { host: "127.0.0.1", port: 0, tlsCertFile: undefined, tlsKeyFile: undefined, insecure: false },
});
