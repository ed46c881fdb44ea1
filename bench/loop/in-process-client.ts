// The client as it is, with a runner that answers by itself: node … in-process-client.ts STARTUP
import { runClient } from "@skyscan/client";
import type { FindReco } from "@skyscan/client";
import { createLogger } from "@skyscan/runtime";

const result = {
  llh: 1234.56789,
  eInGeV: null,
  eTotGeV: 123456.789,
  xM: -12.3456789,
  yM: 98.7654321,
  zM: -301.23,
  timeNs: 9870.12,
};
const answer = Promise.resolve({ kind: "result", runtimeSec: 1e-5, result } as const);

const findReco: FindReco = ({ reco: { name, version, manifestSha256 } }) =>
  Promise.resolve({
    name,
    version,
    manifestSha256,
    threads: 1,
    createRunner: () => ({ inFlight: 1, run: () => answer, close: () => Promise.resolve() }),
  });

const never = new AbortController().signal;
const end = await runClient(
  { startupPaths: [process.argv[2]!], waitForStartupSec: 60, slots: 1 },
  { logger: createLogger({ level: "warn", format: "json" }), signal: never, force: never, findReco },
);
process.exitCode = end.status;
