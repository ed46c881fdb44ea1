import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ringToSky, skyDistance } from "@skyscan/healpix";
import { createSkyFrame, icecube86, readEventFile } from "@skyscan/icecube";
import type { Event } from "@skyscan/icecube";
import { dataPath } from "@skyscan/testing";
import { openReco } from "./reco-session.ts";
import { row } from "./rows.ts";
import type { Row } from "./rows.ts";
import { scanWhole } from "./whole-scan.ts";
import type { ScanMinimum } from "./whole-scan.ts";

const bronze = "run00136662-evt000035405932-BRONZE.pkl";

/** Events that hold a fit of IceCube's own software, and the hits it was made of. */
const recordedEvents = [
  { file: bronze, hits: "srt" },
  { file: "event_HESE_2017-11-28.json", hits: "hlc" },
  { file: "hese_event_00.json", hits: "hlc" },
  { file: "hese_event_01.json", hits: "hlc" },
] as const;

/** Best pixel of the scan that was published with the alert of `bronze`, by another reco. */
const recordedScanBest = { raRad: (47.197 * Math.PI) / 180, decRad: (-3.284 * Math.PI) / 180 };

const degrees = (radians: number): number => (radians * 180) / Math.PI;

/** The SPE fit that IceCube's own software left in the file: in the alert's summary, or in the frame. */
function recordedSpe(event: Event): { readonly zenithRad: number; readonly azimuthRad: number } {
  const reco = event.summary?.["reco"] as { spefit2?: { zen: number; azi: number } } | undefined;
  if (reco?.spefit2 !== undefined) return { zenithRad: reco.spefit2.zen, azimuthRad: reco.spefit2.azi };
  const fit = event.recorded["HESE_SPEFit2"];
  if (fit === undefined) throw new Error(`${event.name} holds no SPE fit`);
  return fit;
}

/** Blind scans of the real events: where they end, and whether fewer starts found what more do. */
export async function recordedRows(clients: number, tell: (text: string) => void): Promise<Row[]> {
  const directory = await mkdtemp(join(tmpdir(), "skyscan-physics-"));
  const rows: Row[] = [];
  try {
    for (const { file, hits } of recordedEvents) {
      const eventFile = dataPath(`events/${file}`);
      const event = await readEventFile(eventFile);
      tell(`blind SPE scan of ${file}`);
      const best = await scanWhole({
        eventFile,
        reco: "pandel_spe",
        recoOptions: [`hits=${hits}`],
        directory: join(directory, file),
        clients,
      });
      const { zenithRad, azimuthRad } = recordedSpe(event);
      const recorded = createSkyFrame(event.metadata.mjd).dirToEqua(zenithRad, azimuthRad);
      const name = `${event.name}, SPE`;
      rows.push(
        row({
          case: name,
          what: "blind scan to recorded SPE fit",
          reached: degrees(skyDistance(best, recorded)),
          unit: "deg",
          atMost: 0.2,
        }),
      );
      if (file === bronze) {
        const distance = degrees(skyDistance(best, recordedScanBest));
        rows.push(row({ case: name, what: "blind scan to best of recorded scan", reached: distance, unit: "deg", atMost: 0.5 }));
      }
      tell(`nine starts beside five on ${file}`);
      rows.push(await startsRow(name, event, hits, best));
    }
    tell(`blind MPE scan of ${bronze}`);
    const mpe = await scanWhole({
      eventFile: dataPath(`events/${bronze}`),
      reco: "pandel",
      directory: join(directory, "mpe"),
      clients,
    });
    rows.push(...valleyRows(mpe));
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
  return rows;
}

/** The level nside 64 of the scan, within 25 of its lowest llh, beside fits with nine starts. */
async function startsRow(name: string, event: Event, hits: string, { skymap }: ScanMinimum): Promise<Row> {
  const level = skymap.levels.find(({ nside }) => nside === 64)!;
  const { index, llh } = level.columns;
  const lowest = llh.reduce((low, value) => (value < low ? value : low), Infinity);
  const near = Array.from(index, (pixel, i) => ({ pixel, llh: llh[i]! })).filter((one) => one.llh < lowest + 25);
  const sky = createSkyFrame(event.metadata.mjd);
  await using nine = await openReco("pandel_spe", event, icecube86(), { hits, starts: "9" });
  const reference = await nine.fit(
    near.map(({ pixel }) => {
      const { raRad, decRad } = ringToSky(64, pixel);
      return sky.equaToDir(raRad, decRad);
    }),
  );
  const good = near.filter((one, i) => one.llh <= reference[i]! + 0.1).length;
  return row({
    case: name,
    what: "pixels within 0.1 of nine starts",
    reached: (100 * good) / near.length,
    unit: "%",
    atLeast: 98,
    count: near.length,
  });
}

/** A long, nearly level valley: the best llh and that it lies in it, nothing about where. */
function valleyRows(best: ScanMinimum): Row[] {
  const name = "run00136662.evt000035405932, MPE";
  return [
    row({ case: name, what: "best llh of a blind scan", reached: best.llh, unit: "", atMost: 823.1 }),
    row({ case: name, what: "its right ascension", reached: degrees(best.raRad), unit: "deg", atLeast: 46.9, atMost: 49.1 }),
    row({ case: name, what: "its declination", reached: degrees(best.decRad), unit: "deg", atLeast: -3.7, atMost: -3.2 }),
  ];
}
