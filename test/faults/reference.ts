import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import { readSkymapFile } from "@skyscan/skymap";
import type { Skymap } from "@skyscan/skymap";
import { runSkyscan, startSkyscan } from "@skyscan/testing";
import { scanning } from "../e2e/scanning.ts";
import { journalBytes } from "./progress.ts";
import { nsides, recoName, recoPath, resultNsides } from "./small-scan.ts";

/** The scan as it is when nothing happens to it. */
export interface Reference {
  /** Path of the event file, and the event's name. */
  readonly event: string;
  readonly eventName: string;
  /** Names of all files that it writes, maps and pictures among them. */
  readonly files: readonly string[];
  readonly npz: Buffer;
  readonly json: Buffer;
  readonly skymap: Skymap;
  /** Ids of all its units, in the order of the map. */
  readonly units: readonly string[];
  readonly journalBytes: number;
}

/** Makes an event and scans it undisturbed, below `directory`. */
export async function makeReference(directory: string): Promise<Reference> {
  const events = join(directory, "events");
  const simulated = await runSkyscan(
    ["simulate", "--kind", "cascade", "--min-modules", "10", "--brightness", "300", "--output-dir", events],
    {},
  );
  if (simulated.status !== 0) throw new Error(`no event could be simulated: ${simulated.stderr}`);
  const event = join(events, "simulated-cascade-1.json");
  const eventName = "run00000002.evt000000000001.neutrino";
  const env = { SKYSCAN_RECO_PATH: recoPath, SKYSCAN_RESULT_EXTRAS: "yes" };
  const scan = scanning(directory, { reco: recoName, nsides, event, eventName, env });
  const end = await startSkyscan(
    [
      ...["scan", "--event-file", event, "--reco-algo", recoName, "--nsides", ...nsides, "--clients", "2"],
      ...["--cache-dir", join(directory, "cache"), "--output-dir", join(directory, "out")],
    ],
    { env: scan.env },
  ).ended;
  if (end.status !== 0) throw new Error(`the undisturbed scan ended with ${String(end.status)}: ${end.stderr}`);
  const path = join(directory, "out", `${eventName}_${resultNsides}`);
  const skymap = await readSkymapFile(`${path}.npz`);
  return {
    event,
    eventName,
    files: await readdir(join(directory, "out")),
    npz: await scan.npz(resultNsides),
    json: await readFile(`${path}.json`),
    skymap,
    units: skymap.levels.flatMap(({ nside, columns }) => [...columns.index].map((pixel) => `${nside}/${pixel}/0`)),
    journalBytes: await journalBytes(join(directory, "cache")),
  };
}
