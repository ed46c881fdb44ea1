import { createFrame, parseEvent, pickleFrame, writeFrame, writeParticle, writePulseMap } from "@skyscan/icecube";
import type { FrameObject, Particle } from "@skyscan/icecube";
import { deflateSync } from "node:zlib";
import { ArchiveWriter } from "../../../packages/icecube/src/frame/archive-writer.ts";
import { simulatedEvent, text, zlibBomb } from "../samples.ts";

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString("base64");
const packed = (stream: string, objects: readonly FrameObject[]): [string, string] => [
  stream,
  base64(deflateSync(pickleFrame(writeFrame(createFrame(stream, objects)), "python2"), { level: 6 })),
];
const eventOf = (frames: readonly (readonly [string, string])[]): Uint8Array =>
  text(JSON.stringify({ value: { data: { frames } } }));

const pulseKey = "SplitUncleanedInIcePulses";

/** The small simulated event with these objects in its P frame, its pulses among them. */
function withPhysics(objects: readonly FrameObject[]): Uint8Array {
  const { frames, packedFrames } = parseEvent(simulatedEvent(), "sample");
  const keys = new Set(objects.map(({ key }) => key));
  const kept = frames[4]!.frame.objects.filter(({ key }) => !keys.has(key));
  return eventOf([...packedFrames.slice(0, 4), packed("P", [...kept, ...objects])]);
}

/** One module with so many pulses at two bytes each. */
function superDst(pulses: number): Uint8Array {
  const archive = new ArchiveWriter("I3SuperDST", 1);
  const vector = (name: string, count: number, bytes: Uint8Array): void => {
    archive.plain(name).plain("SizeCodec").bytes.u8(251).u32(count).bytes(bytes);
  };
  const stamps = Buffer.alloc(2 * pulses);
  stamps.writeUInt16LE(0x8000, 2 * pulses - 2);
  vector("vector<stamp>", pulses, stamps);
  vector("vector<header>", 1, Buffer.alloc(2));
  // Runs of the width code 0: four bits of their length in each byte.
  const run = Buffer.from(Array.from({ length: 7 }, (_, k) => ((pulses >> (4 * k)) & 15) << 4));
  for (let k = 0; k < 4; k++) vector("vector<u8>", k === 0 ? run.length : 0, k === 0 ? run : Buffer.alloc(0));
  vector("vector<u8>", 0, Buffer.alloc(0));
  return archive.finish();
}

function mask(masks: number, bytesEach: number): Uint8Array {
  const archive = new ArchiveWriter("I3RecoPulseSeriesMapMask", 2);
  archive.bytes.str("UncleanedInIcePulses");
  archive.plain("bitmask").bytes.u16(bytesEach).u8(0).bytes(Buffer.alloc(bytesEach));
  archive.container("vector<bitmask>", masks);
  const one = Buffer.alloc(3 + bytesEach);
  one.writeUInt16LE(bytesEach);
  archive.bytes.bytes(Buffer.alloc(masks * one.length, one));
  return archive.finish();
}

const pulseMap = (pulses: number): Uint8Array =>
  writePulseMap([{ string: 1, om: 1, pmt: 0, pulses: Array.from({ length: pulses }, () => [0, 1, 8, 4] as const) }]);

const particle: Particle = {
  minorId: 0,
  majorId: 0n,
  pdg: 13,
  shape: 40,
  fitStatus: 0,
  position: { xM: 0, yM: 0, zM: 0 },
  zenithRad: 1,
  azimuthRad: 1,
  timeNs: 0,
  energyGeV: 1,
  lengthM: 1,
  speedMPerNs: 0.3,
  locationType: 0,
};

/** Event files of a few kilobytes that ask for gigabytes, and the largest that are still read. */
export function eventBombs(): Uint8Array[] {
  const pulses = (typeName: string, blob: Uint8Array): Uint8Array => withPhysics([{ key: pulseKey, typeName, blob }]);
  const zeros = base64(zlibBomb(60 * 2 ** 20));
  const blob = writeParticle(particle);
  return [
    eventOf(["G", "C", "D", "Q", "P"].map((stream) => [stream, zeros] as const)),
    pulses("I3SuperDST", superDst(14_000_000)),
    pulses("I3SuperDST", superDst(200_000)),
    pulses("I3RecoPulseSeriesMapMask", mask(400, 65_535)),
    pulses("I3RecoPulseSeriesMapMask", mask(9_000_000, 0)),
    pulses("I3Map<OMKey, vector<I3RecoPulse> >", pulseMap(200_000)),
    withPhysics(Array.from({ length: 500_000 }, (_, k) => ({ key: `k${k}`, typeName: "x", blob: new Uint8Array(0) }))),
    withPhysics(Array.from({ length: 4000 }, (_, k) => ({ key: `k${k}`, typeName: "I3Particle", blob }))),
  ];
}
