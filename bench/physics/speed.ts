import { readFile } from "node:fs/promises";
import { ringDisc, ringToSky, skyToDirection } from "@skyscan/healpix";
import { createSkyFrame, encodeEvent, icecube86, parseEvent, readEventFile } from "@skyscan/icecube";
import type { Event } from "@skyscan/icecube";
import { simulateTrack } from "@skyscan/simulation";
import { dataMissing, dataPath } from "@skyscan/testing";
import { openReco } from "./reco-session.ts";
import { row } from "./rows.ts";
import type { Row } from "./rows.ts";

/** Processor time of the reco's own process, over pixels of nside 64 within 15 degrees of the event's recorded or true direction. */
export async function speedRows(recos: readonly string[]): Promise<Row[]> {
  const { event, zenithRad, azimuthRad, name } = await speedEvent();
  const sky = createSkyFrame(event.metadata.mjd);
  const { raRad, decRad } = sky.dirToEqua(zenithRad, azimuthRad);
  const { thetaRad, phiRad } = skyToDirection({ raRad, decRad });
  const directions = ringDisc(64, thetaRad, phiRad, (15 * Math.PI) / 180).map((pixel) => {
    const centre = ringToSky(64, pixel);
    return sky.equaToDir(centre.raRad, centre.decRad);
  });
  const rows: Row[] = [];
  for (const reco of recos) {
    await using session = await openReco(reco, event, icecube86());
    // The first fit waits for the tables.
    await session.fit(directions.slice(0, 1));
    const before = await processorMs(session.pid);
    await session.fit(directions);
    const after = await processorMs(session.pid);
    rows.push(
      row({
        case: `${reco}, ${name}`,
        what: "processor time per fit",
        reached: before === undefined || after === undefined ? null : (after - before) / directions.length,
        unit: "ms",
        atMost: 3,
        count: directions.length,
      }),
    );
  }
  return rows;
}

/** An alert of 133 hits where the real events are, else a simulated track. */
async function speedEvent(): Promise<{ event: Event; zenithRad: number; azimuthRad: number; name: string }> {
  if (dataMissing === undefined) {
    const event = await readEventFile(dataPath("events/run00136662-evt000035405932-BRONZE.pkl"));
    const { zenithRad, azimuthRad } = event.recorded["OnlineL2_BestFit"]!;
    return { event, zenithRad, azimuthRad, name: "133 hits" };
  }
  const simulated = simulateTrack({ seed: 1 });
  const { zenithRad, azimuthRad } = simulated.truth;
  const name = `${simulated.signalDoms} modules with light`;
  return { event: parseEvent(encodeEvent(simulated.event), "seed 1"), zenithRad, azimuthRad, name };
}

/** User and system time of a process, in the kernel's ticks of 10 ms; undefined where there is no /proc. */
async function processorMs(pid: number | undefined): Promise<number | undefined> {
  const text = pid === undefined ? undefined : await readFile(`/proc/${pid}/stat`, "utf8").catch(() => undefined);
  const fields = text?.slice(text.lastIndexOf(") ") + 2).split(" ");
  return fields === undefined ? undefined : 10 * (Number(fields[11]) + Number(fields[12]));
}
