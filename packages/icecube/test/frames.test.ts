import { readFileSync } from "node:fs";
import { inflateSync } from "node:zlib";
import { dataMissing, dataPath } from "@skyscan/testing";
import { describe, expect, it } from "vitest";
import {
  decodeIcetrayOutfile,
  decodePixelFrame,
  decodeRecoPixelVariation,
  encodeIcetrayInfile,
  encodeIcetrayOutfile,
  encodePixelFrame,
  encodeRecoPixelVariation,
  frameObject,
  openFrame,
  packedFrames,
  parseEvent,
  parseFrame,
  pickleFrame,
  readBool,
  readDouble,
  readEventHeader,
  readInt,
  readOmKeys,
  readParticle,
  readPosition,
  readPulseMap,
  readPulseMask,
  readString,
  readTimeWindow,
  readTimeWindowMap,
  unpickleFrame,
  writeBool,
  writeDouble,
  writeEventHeader,
  writeFrame,
  writeInt,
  writeOmKeys,
  writeParticle,
  writePosition,
  writePulseMap,
  writePulseMask,
  writeString,
  writeTimeWindow,
  writeTimeWindowMap,
  readFitParams,
  writeFitParams,
  type JsonValue,
  type PackedFrame,
} from "../src/index.ts";
import { eventBytes, eventFiles, json, recos } from "./real-files.ts";

interface FrameVector {
  file: string;
  stream: string;
  pickle: string;
  length: number;
  checksum: string;
  objects: [key: string, typeName: string, bytes: number][];
}
interface PixelVector {
  file: string;
  b64: string;
  checksum: string;
  header: { run: number; event: number; stream: string };
  particle: { minor: number; major: string; pos: number[]; dir: number[]; time: number };
  scan: Record<string, number>;
}

/** Every type that is decoded, re-encoded from the decoded value. */
const codecs: Readonly<Record<string, (blob: Uint8Array) => Uint8Array>> = {
  "I3PODHolder<int>": (blob) => writeInt(readInt(blob)),
  "I3PODHolder<double>": (blob) => writeDouble(readDouble(blob)),
  "I3PODHolder<bool>": (blob) => writeBool(readBool(blob)),
  "I3PODHolder<__cxx11::string >": (blob) => writeString(readString(blob)),
  I3Position: (blob) => writePosition(readPosition(blob)),
  I3TimeWindow: (blob) => writeTimeWindow(readTimeWindow(blob)),
  I3EventHeader: (blob) => writeEventHeader(readEventHeader(blob)),
  I3Particle: (blob) => writeParticle(readParticle(blob)),
  I3LogLikelihoodFitParams: (blob) => writeFitParams(readFitParams(blob)),
  "I3Vector<OMKey>": (blob) => writeOmKeys(readOmKeys(blob)),
  "I3Map<OMKey, vector<I3RecoPulse> >": (blob) => writePulseMap(readPulseMap(blob)),
  "I3Map<OMKey, I3TimeWindowSeries>": (blob) => writeTimeWindowMap(readTimeWindowMap(blob)),
  I3RecoPulseSeriesMapMask: (blob) => writePulseMask(readPulseMask(blob)),
};

function realFrames(): Map<string, PackedFrame[]> {
  const frames = new Map<string, PackedFrame[]>();
  for (const file of eventFiles) frames.set(file, [...parseEvent(eventBytes(file), file).packedFrames]);
  for (const reco of recos) {
    const startup = json(`reco_pixel_single/${reco}/BRONZE/startup.json`) as { GCDQp_packet: { frames: JsonValue } };
    frames.set(`${reco}/BRONZE`, packedFrames(startup.GCDQp_packet.frames));
  }
  return frames;
}

describe.skipIf(dataMissing !== undefined)("frames of real files", () => {
  const vectors = dataMissing === undefined ? (json("vectors/frames.json") as FrameVector[]) : [];
  const frames = dataMissing === undefined ? realFrames() : new Map<string, PackedFrame[]>();

  it.each(vectors.map((vector) => [`${vector.file} ${vector.stream}`, vector] as const))(
    "%s: content as recorded, rewritten byte for byte",
    (_, vector) => {
      const packed = frames.get(vector.file)!.find(([stream]) => stream === vector.stream)!;
      const pickle = inflateSync(Buffer.from(packed[1], "base64"));
      const { bytes, spelling } = unpickleFrame(pickle);
      const frame = parseFrame(bytes);
      expect(bytes).toHaveLength(vector.length);
      expect(Buffer.from(bytes.subarray(-4)).readUInt32LE().toString(16).padStart(8, "0")).toBe(vector.checksum);
      expect(spelling).toBe(vector.pickle.startsWith("icecube._icetray") ? "python3" : "python2");
      // The vectors list the objects of some frames sorted.
      const listed = frame.objects.map(({ key, typeName, blob }) => [key, typeName, blob.length]);
      expect(new Map(listed.map((row) => [row[0], row]))).toEqual(new Map(vector.objects.map((row) => [row[0], row])));
      expect(Buffer.from(writeFrame(frame)).equals(bytes)).toBe(true);
      expect(Buffer.from(pickleFrame(bytes, spelling)).equals(pickle)).toBe(true);
    },
  );

  it("hold only objects that decode and encode to the same bytes", () => {
    const seen = new Set<string>();
    for (const packed of [...frames.values()].flat()) {
      for (const { key, typeName, blob } of openFrame(packed).frame.objects) {
        const codec = codecs[typeName];
        if (codec === undefined) continue;
        seen.add(typeName);
        expect(Buffer.from(codec(blob)).toString("hex"), key).toBe(Buffer.from(blob).toString("hex"));
      }
    }
    expect([...seen].sort()).toEqual(
      Object.keys(codecs)
        .filter((name) => name !== "I3PODHolder<int>")
        .sort(),
    );
  });
});

describe.skipIf(dataMissing !== undefined)("messages to and from IceTray recos", () => {
  const vectors = dataMissing === undefined ? (json("vectors/inframes.json") as PixelVector[]) : [];

  it.each(vectors.map((vector) => [vector.file, vector] as const))(
    "%s: parsed, and rewritten byte for byte with its base64",
    (_, vector) => {
      const frame = decodePixelFrame(vector.b64);
      const header = readEventHeader(frameObject(frame, "I3EventHeader")!.blob);
      const seed = readParticle(frameObject(frame, "MillipedeSeedParticle")!.blob);
      const fallback = frameObject(frame, "MillipedeSeedParticle_fallback");
      const int = (key: string): number => readInt(frameObject(frame, key)!.blob);
      expect([header.runId, header.eventId, header.subEventStream]).toEqual([
        vector.header.run,
        vector.header.event,
        vector.header.stream,
      ]);
      expect([seed.minorId, String(seed.majorId), seed.timeNs]).toEqual([
        vector.particle.minor,
        vector.particle.major,
        vector.particle.time,
      ]);
      expect([seed.position.xM, seed.position.yM, seed.position.zM]).toEqual(vector.particle.pos);
      expect([seed.zenithRad, seed.azimuthRad]).toEqual(vector.particle.dir);
      expect(int("SCAN_HealpixPixel")).toBe(vector.scan["SCAN_HealpixPixel"]);
      const rewritten = encodePixelFrame({
        header: { ...header, subEventStream: "InIceSplit", subEventId: 0 },
        nside: int("SCAN_HealpixNSide"),
        pixel: int("SCAN_HealpixPixel"),
        posvar: int("SCAN_PositionVariationIndex"),
        seed,
        ...(fallback && { fallbackSeed: readParticle(fallback.blob) }),
      });
      expect(rewritten).toBe(vector.b64);
    },
  );

  it.each(recos)("%s: the answer is read as data", (reco) => {
    const out = JSON.parse(readFileSync(dataPath(`reco_pixel_single/${reco}/BRONZE/out.json`), "utf8")) as {
      reco_pixel_variation_pkl_b64: string;
    };
    const pixel = decodePixelFrame(vectors.find(({ file }) => file === `${reco}/BRONZE`)!.b64);
    const answer = decodeRecoPixelVariation(out.reco_pixel_variation_pkl_b64);
    expect(answer.pixel).toBe(readInt(frameObject(pixel, "SCAN_HealpixPixel")!.blob));
    expect(answer.posvar).toBe(readInt(frameObject(pixel, "SCAN_PositionVariationIndex")!.blob));
    expect(answer.llh).toBeGreaterThan(500);
    expect(Number.isFinite(answer.xM + answer.yM + answer.zM + answer.timeNs)).toBe(true);
  });

  it.each(recos)("%s: the whole answer file is written again byte for byte", (reco) => {
    const text = readFileSync(dataPath(`reco_pixel_single/${reco}/BRONZE/out.json`), "utf8");
    // Some were laid out by hand.
    const indent = text.startsWith("{\n") ? 4 : undefined;
    expect(encodeIcetrayOutfile(decodeIcetrayOutfile(text), indent)).toBe(text);
  });
});

describe("answers of IceTray recos that no file has", () => {
  const answer = {
    nside: 512,
    pixel: 3_145_727,
    posvar: 255,
    llh: 1.5,
    eInGeV: NaN,
    eTotGeV: Infinity,
    xM: -1,
    yM: 0,
    zM: 1e300,
    timeNs: -0,
    energyGeV: 5,
  };
  it.each([answer, { ...answer, pixel: 256, nside: 1 }, { ...answer, pixel: 65_535 }, { ...answer, pixel: 65_536, posvar: 0 }])(
    "come back as they were: pixel $pixel",
    (given) => {
      expect(decodeRecoPixelVariation(encodeRecoPixelVariation(given))).toEqual(given);
    },
  );

  it("are refused when the file is no JSON, or holds none", () => {
    expect(() => decodeIcetrayOutfile("")).toThrow(/JSON/);
    expect(() => decodeIcetrayOutfile("[1]")).toThrow(/no reco_pixel_variation_pkl_b64/);
  });

  it("travel beside texts that JSON of Python would escape", () => {
    const header = { runId: 1, subRunId: 0, eventId: 2, state: 20, subEventId: 0, subEventStream: "", start, end: start };
    const frame = { header, nside: 1, pixel: 0, posvar: 0, seed };
    const text = encodeIcetrayInfile({ recoAlgo: "dummy", realtimeFormatVersion: "é", frame });
    expect(text).toContain(String.raw`"realtime_format_version": "\u00e9"`);
    expect((JSON.parse(text) as { realtime_format_version: string }).realtime_format_version).toBe("é");
  });
});

const start = { year: 2022, tenthsOfNs: 5n };
const seed = {
  minorId: 1,
  majorId: 2n,
  pdg: 0,
  shape: 40,
  fitStatus: 0,
  position: { xM: 1, yM: 2, zM: 3 },
  zenithRad: 1,
  azimuthRad: 2,
  timeNs: 3,
  energyGeV: NaN,
  lengthM: NaN,
  speedMPerNs: 0.299792458,
  locationType: 0,
};
