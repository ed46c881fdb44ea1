// Recorded units of the predecessor's recos, through the runner: a child process, `cp`, stands in for IceTray and answers with the recorded outfile.
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ringToSky } from "@skyscan/healpix";
import {
  createSkyFrame,
  daqTimeToMjd,
  decodeIcetrayOutfile,
  decodePixelFrame,
  encodeIcetrayInfile,
  frameObject,
  icecube86,
  openFrame,
  packedFrames,
  readDouble,
  readEventHeader,
  readInt,
  readParticle,
  readPosition,
  resolvePulses,
} from "@skyscan/icecube";
import type { Frame, JsonValue, Particle } from "@skyscan/icecube";
import type { FitPayload } from "@skyscan/protocol";
import { createRunner, readManifest, writeRecoStartup } from "@skyscan/recos";
import type { RecoStartup } from "@skyscan/recos";
import { silentLogger } from "@skyscan/runtime";
import { dataMissing, dataPath } from "@skyscan/testing";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { refinedTimeNs } from "../src/sky/refine-time.ts";
import { makePayload } from "../src/sky/seeds.ts";
import type { SeedRules } from "../src/sky/seeds.ts";
import { vertexOffsets } from "../src/sky/variations.ts";

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "skyscan-recorded-"));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

interface Recorded {
  readonly inText: string;
  readonly outText: string;
  readonly packet: { readonly frames: JsonValue };
  readonly physics: Frame;
  readonly daq: Frame;
}

async function recorded(reco: string): Promise<Recorded> {
  const read = (name: string): Promise<string> => readFile(dataPath(`reco_pixel_single/${reco}/BRONZE/${name}`), "utf8");
  const packet = (JSON.parse(await read("startup.json")) as { GCDQp_packet: Recorded["packet"] }).GCDQp_packet;
  const frames = packedFrames(packet.frames);
  return {
    inText: await read("in.json"),
    outText: await read("out.json"),
    packet,
    physics: openFrame(frames[4]!).frame,
    daq: openFrame(frames[3]!).frame,
  };
}

const blobOf = (frame: Frame, key: string): Uint8Array => frameObject(frame, key)!.blob;

/** How this engine seeds the reco (its manifest's `seeding`), by the vertex of the recorded packet. */
function rulesOf(reco: string, { physics, daq }: Recorded): SeedRules {
  const vertex = reco === "millipede_original" ? "HESE_VHESelfVetoVertex" : "SeedVertex";
  const geometry = icecube86();
  const hits = resolvePulses([physics, daq], "SplitUncleanedInIcePulsesHLC").flatMap(({ string, om, pulses }) => {
    const place = geometry.dom(string, om);
    return place === undefined ? [] : [{ xM: place.xM, yM: place.yM, zM: place.zM, timeNs: pulses[0]![0] }];
  });
  return {
    skyFrame: createSkyFrame(daqTimeToMjd(readEventHeader(blobOf(physics, "I3EventHeader")).start)),
    eventSeed: { ...readPosition(blobOf(physics, `${vertex}Pos`)), timeNs: readDouble(blobOf(physics, `${vertex}Time`)) },
    offsetsM: vertexOffsets(
      reco === "millipede_original"
        ? { kind: "octahedron", radiusM: 20 }
        : reco === "millipede_wilks"
          ? { kind: "point" }
          : { kind: "cylinder", radiusM: 150, heightM: 80, n: 6 },
    ),
    rotateVertex: reco !== "millipede_original",
    addFallbackPosition: reco !== "millipede_original",
    refineTimeFrom: reco === "millipede_original" ? undefined : hits,
  };
}

/** The unit as this engine has it, where it can know the seed. */
function payloadOf(
  reco: string,
  files: Recorded,
  key: { nside: number; pixel: number; posvar: number },
  seed: Particle,
): FitPayload {
  const rules = rulesOf(reco, files);
  const payload = makePayload(rules, new Map(), key);
  if (reco === "millipede_original") {
    // Recorded by a version that had the sky upside down.
    const { raRad, decRad } = ringToSky(key.nside, key.pixel);
    return { ...payload, direction: { ...rules.skyFrame.equaToDir(raRad, -decRad), raRad, decRad: -decRad } };
  }
  if (reco === "millipede_wilks") return payload;
  // Its rotations piled up over all pixels it had sent before: the vertex can only be had from the file. The time follows from it.
  const { zenithRad, azimuthRad } = payload.direction;
  const vertex = { ...seed.position, timeNs: rules.eventSeed.timeNs };
  const timeNs = refinedTimeNs(rules.refineTimeFrom!, vertex, zenithRad, azimuthRad);
  return { ...payload, seed: { ...vertex, timeNs, energyGeV: null } };
}

const arcsecBetween = (a: Particle, b: Particle): number => {
  const vector = ({ zenithRad, azimuthRad }: Particle): number[] => [
    Math.sin(zenithRad) * Math.cos(azimuthRad),
    Math.sin(zenithRad) * Math.sin(azimuthRad),
    Math.cos(zenithRad),
  ];
  const [u, v] = [vector(a), vector(b)];
  return (Math.hypot(...u.map((value, i) => value - v[i]!)) * 180 * 3600) / Math.PI;
};

describe.skipIf(dataMissing !== undefined)(
  "a recorded unit is sent as the predecessor sent it, and its recorded answer is taken",
  () => {
    test.each(["millipede_original", "millipede_wilks", "splinempe", "splinempe_pointed"])("%s", async (reco) => {
      const files = await recorded(reco);
      const { pframe_pkl_b64: theirs } = JSON.parse(files.inText) as { pframe_pkl_b64: string };
      const frame = decodePixelFrame(theirs);
      const wanted = readParticle(blobOf(frame, "MillipedeSeedParticle"));
      const int = (name: string): number => readInt(blobOf(frame, `SCAN_${name}`));
      const key = { nside: int("HealpixNSide"), pixel: int("HealpixPixel"), posvar: int("PositionVariationIndex") };

      const recoDir = join(directory, "reco");
      await mkdir(recoDir);
      const run = {
        mode: "oneshot",
        format: "icetray",
        command: ["cp", dataPath(`reco_pixel_single/${reco}/BRONZE/out.json`), "{{OUTFILE}}"],
      };
      const manifest = { protocol: 1, name: reco, version: "1.0.0", description: "A stand-in.", run, needs: ["gcdqp"] };
      await writeFile(join(recoDir, "reco.json"), JSON.stringify(manifest));
      const startupPath = join(directory, "client-startup.json");
      const event = { realtimeFormatVersion: "2021a" } as unknown as RecoStartup["event"];
      await writeRecoStartup({ event, GCDQp_packet: files.packet } as RecoStartup, startupPath);
      const debugDirectory = join(directory, "debug");
      const runner = createRunner({
        reco: readManifest(recoDir),
        startupPath,
        slot: 0,
        scratchDir: join(directory, "scratch"),
        debugDirectory,
        logger: silentLogger,
        environment: process.env,
      });
      const payload = payloadOf(reco, files, key, wanted);
      const outcome = await runner.run({ unit: "recorded", attempt: 1, payload }, new AbortController().signal);
      await runner.close();

      const sent = JSON.parse(await readFile(join(debugDirectory, "recorded-attempt-1", "infile.json"), "utf8")) as {
        pframe_pkl_b64: string;
        realtime_format_version: string;
        reco_algo: string;
      };
      const ours = decodePixelFrame(sent.pframe_pkl_b64);
      const seed = readParticle(blobOf(ours, "MillipedeSeedParticle"));
      expect(arcsecBetween(seed, wanted)).toBeLessThan(0.03);
      expect(Math.abs(seed.timeNs - wanted.timeNs)).toBeLessThan(1e-5);
      expect(frameObject(ours, "MillipedeSeedParticle_fallback")).toBeUndefined();
      const { minorId, majorId, zenithRad, azimuthRad, timeNs } = wanted;
      const again = encodeIcetrayInfile({
        recoAlgo: sent.reco_algo,
        realtimeFormatVersion: sent.realtime_format_version,
        frame: {
          header: readEventHeader(blobOf(ours, "I3EventHeader")),
          ...key,
          seed: { ...seed, minorId, majorId, zenithRad, azimuthRad, timeNs },
        },
      });
      expect(again).toBe(files.inText);

      const { variation } = decodeIcetrayOutfile(files.outText);
      const finite = (value: number): number | null => (Number.isFinite(value) ? value : null);
      const { llh, eInGeV, eTotGeV, xM, yM, zM } = variation;
      expect(outcome).toMatchObject({
        kind: "result",
        result: { llh, eInGeV: finite(eInGeV), eTotGeV: finite(eTotGeV), xM, yM, zM, timeNs: variation.timeNs },
      });
    });
  },
);
