import { ringToSky } from "@skyscan/healpix";
import {
  createSkyFrame,
  daqTimeToMjd,
  decodePixelFrame,
  frameObject,
  openFrame,
  packedFrames,
  readEventHeader,
  readParticle,
  readPosition,
} from "@skyscan/icecube";
import type { JsonValue } from "@skyscan/icecube";
import { dataMissing, dataPath } from "@skyscan/testing";
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { rotateOffset, vertexOffsets } from "../src/sky/variations.ts";
import type { Offset } from "../src/sky/variations.ts";

const rounded = (offsets: readonly Offset[]): number[][] =>
  offsets.map((offset) => offset.map((value) => Math.round(value * 1e6) / 1e6 + 0));

describe("offsets of the starting vertex, in the predecessor's order", () => {
  test("point", () => {
    expect(vertexOffsets({ kind: "point" })).toEqual([[0, 0, 0]]);
  });

  test("octahedron: the vertex, then -x +x -y +y -z +z", () => {
    expect(vertexOffsets({ kind: "octahedron", radiusM: 20 })).toEqual([
      [0, 0, 0],
      [-20, 0, 0],
      [20, 0, 0],
      [0, -20, 0],
      [0, 20, 0],
      [0, 0, -20],
      [0, 0, 20],
    ]);
  });

  test("cylinder: the vertex, then the lower ring at 0, 120, 240 degrees, then the upper one at 60, 180, 300", () => {
    const h = 129.903811;
    expect(rounded(vertexOffsets({ kind: "cylinder", radiusM: 150, heightM: 80, n: 6 }))).toEqual([
      [0, 0, 0],
      [150, 0, -40],
      [-75, h, -40],
      [-75, -h, -40],
      [75, h, 40],
      [-150, 0, 40],
      [75, -h, 40],
    ]);
  });

  test("cylinder with an odd number: one more below", () => {
    const heights = vertexOffsets({ kind: "cylinder", radiusM: 1, heightM: 2, n: 5 }).map(([, , z]) => z);
    expect(heights).toEqual([0, -1, -1, -1, 1, 1]);
  });

  test("list: as it is", () => {
    expect(vertexOffsets({ kind: "list", offsetsM: [[1, 2, 3]] })).toEqual([[1, 2, 3]]);
  });
});

describe("turning an offset", () => {
  test("takes +z to where the particle travels: a down-going one comes from zenith 0", () => {
    expect(rounded([rotateOffset([0, 0, 1], 0, 0)])).toEqual([[0, 0, -1]]);
    expect(rounded([rotateOffset([0, 0, 1], Math.PI, 0)])).toEqual([[0, 0, 1]]);
    expect(rounded([rotateOffset([0, 0, 1], Math.PI / 2, 0)])).toEqual([[-1, 0, 0]]);
    expect(rounded([rotateOffset([0, 0, 1], Math.PI / 2, Math.PI / 2)])).toEqual([[0, -1, 0]]);
  });

  test("keeps lengths", () => {
    expect(Math.hypot(...rotateOffset([3, 4, 12], 1.1, 2.2))).toBeCloseTo(13, 12);
  });

  test.skipIf(dataMissing !== undefined)("is the predecessor's, on a recorded seed", () => {
    const recorded = (name: string): Record<string, unknown> =>
      JSON.parse(readFileSync(dataPath(`reco_pixel_single/splinempe/BRONZE/${name}`), "utf8")) as Record<string, unknown>;
    const packet = recorded("startup.json")["GCDQp_packet"] as { frames: JsonValue };
    const event = openFrame(packedFrames(packet.frames)[4]!).frame;
    const vertex = readPosition(frameObject(event, "SeedVertexPos")!.blob);
    const sky = createSkyFrame(daqTimeToMjd(readEventHeader(frameObject(event, "I3EventHeader")!.blob).start));
    const frame = decodePixelFrame(recorded("in.json")["pframe_pkl_b64"] as string);
    const { position } = readParticle(frameObject(frame, "MillipedeSeedParticle")!.blob);
    // It turned its list of offsets in place, so turns pile up: pixel 9 was the fourth to be sent, after 2, 5 and 10.
    const offset = [2, 5, 10, 9].reduce<Offset>(
      (turned, pixel) => {
        const { raRad, decRad } = ringToSky(1, pixel);
        const { zenithRad, azimuthRad } = sky.equaToDir(raRad, decRad);
        return rotateOffset(turned, zenithRad, azimuthRad);
      },
      vertexOffsets({ kind: "cylinder", radiusM: 150, heightM: 80, n: 6 })[3]!,
    );
    expect(vertex.xM + offset[0]).toBeCloseTo(position.xM, 4);
    expect(vertex.yM + offset[1]).toBeCloseTo(position.yM, 4);
    expect(vertex.zM + offset[2]).toBeCloseTo(position.zM, 4);
  });
});
