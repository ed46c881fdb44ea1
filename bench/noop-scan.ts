import { temporaryDirectory } from "@skyscan/testing";
import { compileNoop, writeNoopManifest } from "./noop-reco.ts";
import { simulatedEvent } from "./simulated-event.ts";

/** What a server is given for a scan with the reco that fits nothing; `directory` is gone when `run` is over. */
export async function withNoopScan(
  run: (given: { readonly directory: string; readonly eventFile: string; readonly recoPath: string }) => Promise<void>,
): Promise<void> {
  const directory = await temporaryDirectory();
  try {
    const eventFile = await simulatedEvent(directory.path);
    const executable = await compileNoop(directory.path);
    const recoPath = await writeNoopManifest(directory.path, executable, { variations: 1, inFlight: 1 });
    await run({ directory: directory.path, eventFile, recoPath });
  } finally {
    await directory.remove();
  }
}
