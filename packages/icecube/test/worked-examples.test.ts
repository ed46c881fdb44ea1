import { describe, expect, it } from "vitest";
import {
  decodePixelFrame,
  encodePixelFrame,
  frameObject,
  readDouble,
  readEventHeader,
  readFitParams,
  readInt,
  readParticle,
  readPosition,
  readTimeWindow,
  writeDouble,
  writeEventHeader,
  writeFitParams,
  writeInt,
  writeParticle,
  writePosition,
  writeTimeWindow,
  type EventHeader,
  type Particle,
} from "../src/index.ts";
import { frameChecksum } from "../src/bytes/crc32c.ts";

const bytes = (hex: string): Uint8Array => Buffer.from(hex.replaceAll(" ", ""), "hex");
const hex = (value: Uint8Array): string => Buffer.from(value).toString("hex");

const headerHex =
  "000102000d00000049334576656e744865616465720103000000000100010000003e160200000000009488740014000000000000000a000000496e49636553706c697401000200000003000000e6070000c19dde5ee82c18020400000005000000e60700006fa0e15ee82c1802";
const particleHex =
  "000102000a00000049335061727469636c650105000000000100010000009a0422034a267ec6d153d2760000000028000000000000000100020000000300000020d689831e175940c8b8d8c7765b78c0c8861dfe6a107cc0010004000000050000009af31d0b583c02407e65430a6005d83f193ec4e24c742641000000000000f87f000000000000f87f14a3acb4cc2fd33f00000000";
const header: EventHeader = {
  runId: 136766,
  subRunId: 0,
  eventId: 7637140,
  state: 20,
  subEventId: 0,
  subEventStream: "InIceSplit",
  start: { year: 2022, tenthsOfNs: 150919964052594113n },
  end: { year: 2022, tenthsOfNs: 150919964052791407n },
};
const particle: Particle = {
  minorId: 52561050,
  majorId: 8561998002028160586n,
  pdg: 0,
  shape: 40,
  fitStatus: 0,
  position: { xM: 100.36123741589154, yM: -389.7164991822906, zM: -449.0261212495211 },
  zenithRad: 2.2794648045077794,
  azimuthRad: 0.37532807352325637,
  timeNs: 735782.442903462,
  energyGeV: NaN,
  lengthM: NaN,
  speedMPerNs: 0.299792458,
  locationType: 0,
};

describe("archives are read and written as IceTray writes them", () => {
  it("an integer", () => {
    const blob = bytes("0001 0200 05000000 4933496e74 01 00 00000000 0100 01000000 01000000");
    expect(readInt(blob)).toBe(1);
    expect(hex(writeInt(1))).toBe(hex(blob));
  });
  it("a double", () => {
    const blob = bytes("00010200080000004933446f75626c6501000000000001000100000000409dcdcc6da540");
    expect(readDouble(blob)).toBe(2742.900006212294);
    expect(hex(writeDouble(2742.900006212294))).toBe(hex(blob));
  });
  it("a position", () => {
    const blob = bytes(
      "000102000a0000004933506f736974696f6e010000000000010001000000af47e17a14de634048e17a14ae9375c009d7a3703d867fc0",
    );
    const position = { xM: 158.94000000000003, yM: -345.23, zM: -504.38999999999993 };
    expect(readPosition(blob)).toEqual(position);
    expect(hex(writePosition(position))).toBe(hex(blob));
  });
  it("an event header", () => {
    expect(readEventHeader(bytes(headerHex))).toEqual(header);
    expect(hex(writeEventHeader(header))).toBe(headerHex);
  });
  it("a particle", () => {
    expect(readParticle(bytes(particleHex))).toEqual(particle);
    expect(hex(writeParticle(particle))).toBe(particleHex);
  });
  it("a time window may be infinite", () => {
    const window = { startNs: 100.5, stopNs: Infinity };
    expect(writeTimeWindow(window)).toHaveLength(48);
    expect(readTimeWindow(writeTimeWindow(window))).toEqual(window);
  });
  it("fit parameters", () => {
    const params = { llh: 880.98282, rllh: 6.88268, ndof: 128, nMini: 3 };
    expect(writeFitParams(params)).toHaveLength(68);
    expect(readFitParams(writeFitParams(params))).toEqual(params);
  });
});

describe("the checksum of frames", () => {
  it("is CRC-32C from 0 without final xor", () => {
    expect(frameChecksum(Buffer.from("123456789"))).toBe(0x58e3fa20);
    expect(frameChecksum(bytes("5000000000"))).toBe(0xb8730b7d);
  });
});

describe("the P frame of a unit", () => {
  const message =
    "gASVlgIAAAAAAACMEGljZWN1YmUuX2ljZXRyYXmUjAdJM0ZyYW1llJOUKVKUfZRCaAIAAFtpM10GAAAAAABQBQAAAA0AAABJM0V2ZW50SGVhZGVyDQAAAEkzRXZlbnRIZWFkZXKGAAAAAAECAA0AAABJM0V2ZW50SGVhZGVyAQMAAAAAAQABAAAAPhYCAAAAAACUiHQAFAAAAAcAAAAjAAAAU0NBTl9uc2lkZTAwMDFfcGl4ZWwwMDA3X3Bvc3ZhcjAwMDABAAIAAAADAAAA5gcAAMGd3l7oLBgCBAAAAAUAAADmBwAAb6DhXugsGAIVAAAATWlsbGlwZWRlU2VlZFBhcnRpY2xlCgAAAEkzUGFydGljbGWWAAAAAAECAAoAAABJM1BhcnRpY2xlAQUAAAAAAQABAAAADQAAANo35SmwsAxUAAAAACgAAAAAAAAAAQACAAAAAwAAAK9H4XoU3mNASOF6FK6TdcAJ16NwPYZ/wAEABAAAAAUAAAD9BUkhTiL5Py76FKblcRdAAAAAAGpyJkEAAAAAAAD4fwAAAAAAAPh/FKOstMwv0z8AAAAAEQAAAFNDQU5fSGVhbHBpeE5TaWRlEAAAAEkzUE9ESG9sZGVyPGludD4dAAAAAAECAAUAAABJM0ludAEAAAAAAAEAAQAAAAEAAAARAAAAU0NBTl9IZWFscGl4UGl4ZWwQAAAASTNQT0RIb2xkZXI8aW50Ph0AAAAAAQIABQAAAEkzSW50AQAAAAAAAQABAAAABwAAABsAAABTQ0FOX1Bvc2l0aW9uVmFyaWF0aW9uSW5kZXgQAAAASTNQT0RIb2xkZXI8aW50Ph0AAAAAAQIABQAAAEkzSW50AQAAAAAAAQABAAAAAAAAALYOSKGUhpRiLg==";
  const seed: Particle = {
    ...particle,
    minorId: 13,
    majorId: 0x540cb0b029e537dan,
    position: { xM: 158.94000000000003, yM: -345.23, zM: -504.38999999999993 },
    zenithRad: 1.5708752918438897,
    azimuthRad: 5.861227602987624,
    timeNs: 735541,
  };

  it("is byte for byte what the predecessor sends", () => {
    expect(encodePixelFrame({ header, nside: 1, pixel: 7, posvar: 0, seed })).toBe(message);
  });
  it("is read back", () => {
    const frame = decodePixelFrame(message);
    expect(frame.objects.map(({ key }) => key)).toEqual([
      "I3EventHeader",
      "MillipedeSeedParticle",
      "SCAN_HealpixNSide",
      "SCAN_HealpixPixel",
      "SCAN_PositionVariationIndex",
    ]);
    expect(readParticle(frameObject(frame, "MillipedeSeedParticle")!.blob)).toEqual(seed);
    expect(readInt(frameObject(frame, "SCAN_HealpixPixel")!.blob)).toBe(7);
  });
});
