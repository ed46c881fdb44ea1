import { readFileSync } from "node:fs";
import {
  decodePixelFrame,
  frameObject,
  icecube86,
  openFrame,
  packedFrames,
  readDouble,
  readEventFile,
  readParticle,
  resolvePulses,
} from "@skyscan/icecube";
import type { DomPulses, JsonValue } from "@skyscan/icecube";
import { dataMissing, dataPath } from "@skyscan/testing";
import { describe, expect, test } from "vitest";
import { refinedTimeNs } from "../src/sky/refine-time.ts";
import type { FirstHit } from "../src/sky/refine-time.ts";

const lightSpeedMPerNs = 0.299792458;
const vertex = { xM: 0, yM: 0, zM: 0, timeNs: 500 };

function firstHits(doms: readonly DomPulses[]): FirstHit[] {
  const geometry = icecube86();
  return doms.flatMap(({ string, om, pulses }) => {
    const place = geometry.dom(string, om);
    const first = pulses[0];
    return place === undefined || first === undefined ? [] : [{ xM: place.xM, yM: place.yM, zM: place.zM, timeNs: first[0] }];
  });
}

describe("the time at the vertex", () => {
  test("is the seed's own without hits", () => {
    expect(refinedTimeNs([], vertex, 1, 1)).toBe(500);
  });

  test("comes from a hit on the track as if the particle had been there itself", () => {
    // Straight down; the module is 100 m below the vertex.
    const hit = { xM: 0, yM: 0, zM: -100, timeNs: 1000 };
    expect(refinedTimeNs([hit], vertex, 0, 0)).toBeCloseTo(1000 - 100 / lightSpeedMPerNs, 6);
  });

  test("comes from the hit that is nearest to the track; of equally near ones from the first", () => {
    const at = (xM: number, timeNs: number): FirstHit => ({ xM, yM: 0, zM: 0, timeNs });
    const alone = refinedTimeNs([at(10, 700)], vertex, 0, 0);
    expect(refinedTimeNs([at(30, 1), at(10, 700), at(20, 2), at(-10, 800)], vertex, 0, 0)).toBe(alone);
    expect(alone).toBeLessThan(700);
  });
});

describe.skipIf(dataMissing !== undefined)("the predecessor's seed times are met bit for bit", () => {
  test.each(["millipede_wilks", "splinempe", "splinempe_pointed"])("%s", (reco) => {
    const recorded = (name: string): Record<string, unknown> =>
      JSON.parse(readFileSync(dataPath(`reco_pixel_single/${reco}/BRONZE/${name}`), "utf8")) as Record<string, unknown>;
    const packet = recorded("startup.json")["GCDQp_packet"] as { frames: JsonValue };
    const [, , , q, p] = packedFrames(packet.frames).map((packed) => openFrame(packed).frame);
    const frame = decodePixelFrame(recorded("in.json")["pframe_pkl_b64"] as string);
    const seed = readParticle(frameObject(frame, "MillipedeSeedParticle")!.blob);
    const timeNs = readDouble(frameObject(p!, "SeedVertexTime")!.blob);
    const hits = firstHits(resolvePulses([p!, q!], "SplitUncleanedInIcePulsesHLC"));
    expect(hits.length).toBeGreaterThan(100);
    expect(refinedTimeNs(hits, { ...seed.position, timeNs }, seed.zenithRad, seed.azimuthRad)).toBe(seed.timeNs);
  });

  test("also from the pulses of the event file whose flags say local coincidence", async () => {
    const event = await readEventFile(dataPath("events/run00136662-evt000035405932-BRONZE.pkl"));
    const frame = decodePixelFrame(
      (JSON.parse(readFileSync(dataPath("reco_pixel_single/splinempe/BRONZE/in.json"), "utf8")) as { pframe_pkl_b64: string })
        .pframe_pkl_b64,
    );
    const seed = readParticle(frameObject(frame, "MillipedeSeedParticle")!.blob);
    const hlc = event.doms.map((dom) => ({ ...dom, pulses: dom.pulses.filter(([, , , flags]) => (flags & 1) === 1) }));
    expect(refinedTimeNs(firstHits(hlc), { ...seed.position, timeNs: 0 }, seed.zenithRad, seed.azimuthRad)).toBe(seed.timeNs);
  });
});
