// Mode oneshot with the format icetray, over a real child process: a stand-in of the predecessor's program, in Python.
import { readFile, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import {
  createFrame,
  decodePixelFrame,
  encodeRecoPixelVariation,
  frameObject,
  pickleFrame,
  readEventHeader,
  readInt,
  readParticle,
  writeEventHeader,
  writeFrame,
} from "@skyscan/icecube";
import type { FrameObject } from "@skyscan/icecube";
import { repositoryPath } from "@skyscan/testing";
import { deflateSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { madeUpStartup } from "../src/check/check-event.ts";
import { checkReco } from "../src/check/check.ts";
import type { Reco } from "../src/manifest/manifest-file.ts";
import { writeRecoStartup } from "../src/runner/reco-startup.ts";
import type { RecoStartup } from "../src/runner/reco-startup.ts";
import { silentLogger } from "@skyscan/runtime";
import { createBench, forever, unitOf } from "./fixture-reco.ts";
import type { Bench } from "./fixture-reco.ts";

let bench: Bench;
beforeEach(async () => {
  bench = await createBench();
});
afterEach(() => bench.dispose());

const header = {
  runId: 136662,
  subRunId: 0,
  eventId: 35405932,
  state: 20,
  subEventId: 0,
  subEventStream: "InIceSplit",
  start: { year: 2022, tenthsOfNs: 123828921853524946n },
  end: { year: 2022, tenthsOfNs: 123828921853714946n },
};
const headerObject: FrameObject = { key: "I3EventHeader", typeName: "I3EventHeader", blob: writeEventHeader(header) };
const packed = (stream: string, objects: readonly FrameObject[]): [string, string] => [
  stream,
  deflateSync(pickleFrame(writeFrame(createFrame(stream, objects)), "python3")).toString("base64"),
];
const packet = { frames: [...["G", "C", "D", "Q"].map((stream) => packed(stream, [])), packed("p", [headerObject])] };
const startupOf = (change: Partial<RecoStartup> = {}): RecoStartup => {
  const startup = madeUpStartup();
  return { ...startup, event: { ...startup.event!, realtimeFormatVersion: "2023a" }, GCDQp_packet: packet, ...change };
};

/** A reco of the format icetray whose program is the stand-in; `words` are its further arguments. */
const standIn = (words: readonly string[] = []): Promise<Reco> =>
  bench.oneshotReco("", {
    needs: ["gcdqp"],
    run: {
      format: "icetray",
      command: [
        "python3",
        repositoryPath("packages/recos/test/stand-in-reco-icetray.py"),
        "--infile",
        "{{INFILE}}",
        "--outfile",
        "{{OUTFILE}}",
        "--gcdqp-packet-json",
        "{{GCDQP_PACKET}}",
        ...words,
      ],
    },
  });

async function runnerOf(reco: Reco, startup: RecoStartup, change: object = {}) {
  const startupPath = join(bench.directory, "startup-of-icetray.json");
  const gcdqpPacketPath = join(bench.directory, "GCDQp_packet.json");
  await writeRecoStartup(startup, startupPath);
  await writeFile(gcdqpPacketPath, JSON.stringify(startup.GCDQp_packet));
  return bench.runner(reco, { startupPath, gcdqpPacketPath, ...change });
}

describe("a reco of the format icetray", () => {
  test("gets a pickled frame that Python opens, and its pickled answer is the result", async () => {
    const runner = await runnerOf(await standIn(), startupOf());
    // The stand-in answers with what it read: llh = pixel + posvar / 10, losses = nside and length of the packet, vertex and time of the seed.
    expect(await runner.run(unitOf(340), forever())).toMatchObject({
      kind: "result",
      result: { llh: 340, eInGeV: 8, eTotGeV: 5, xM: 1, yM: 2, zM: -300, timeNs: 9876.5 },
    });
  });

  test("gets the event's header, the pixel's own sub-event, the seed and its fallback, and the event's format version", async () => {
    const debugDirectory = join(bench.directory, "debug");
    const runner = await runnerOf(await standIn(), startupOf(), { debugDirectory });
    const unit = unitOf(340);
    const fallbackSeed = { xM: -1, yM: null, zM: 3, timeNs: 4, energyGeV: null };
    await runner.run({ ...unit, payload: { ...unit.payload, fallbackSeed } }, forever());
    const [place] = await readdir(debugDirectory);
    const infile = JSON.parse(await readFile(join(debugDirectory, place!, "infile.json"), "utf8")) as Record<string, string>;
    expect(Object.keys(infile)).toEqual(["pframe_pkl_b64", "realtime_format_version", "reco_algo"]);
    expect(infile).toMatchObject({ realtime_format_version: "2023a", reco_algo: "fixture" });
    const frame = decodePixelFrame(infile["pframe_pkl_b64"]!);
    const object = (key: string): Uint8Array => frameObject(frame, key)!.blob;
    expect(readEventHeader(object("I3EventHeader"))).toEqual({
      ...header,
      subEventId: 340,
      subEventStream: "SCAN_nside0008_pixel0340_posvar0000",
    });
    expect(readInt(object("SCAN_HealpixPixel"))).toBe(340);
    const seed = readParticle(object("MillipedeSeedParticle"));
    const fallback = readParticle(object("MillipedeSeedParticle_fallback"));
    expect(seed).toMatchObject({ shape: 40, fitStatus: 0, zenithRad: 1.2, azimuthRad: 3.4, timeNs: 9876.5, energyGeV: NaN });
    expect(fallback).toMatchObject({ position: { xM: -1, yM: NaN, zM: 3 }, timeNs: 4 });
    // IceTray tells particles apart by these.
    expect([fallback.majorId, fallback.minorId]).not.toEqual([seed.majorId, seed.minorId]);
  });

  test("gets the same infile for the same unit at every try, and another for every other unit", async () => {
    const debugDirectory = join(bench.directory, "debug");
    const infileOf = async (pixel: number, attempt: number): Promise<string> => {
      const runner = await runnerOf(await standIn(), startupOf(), { debugDirectory });
      await runner.run(unitOf(pixel, attempt), forever());
      return readFile(join(debugDirectory, `8_${pixel}_0-attempt-${attempt}`, "infile.json"), "utf8");
    };
    expect(await infileOf(7, 2)).toBe(await infileOf(7, 1));
    const majorIdOf = (infile: string): bigint => {
      const frame = decodePixelFrame((JSON.parse(infile) as { pframe_pkl_b64: string }).pframe_pkl_b64);
      return readParticle(frameObject(frame, "MillipedeSeedParticle")!.blob).majorId;
    };
    expect(majorIdOf(await infileOf(8, 1))).not.toBe(majorIdOf(await infileOf(7, 1)));
  });

  test("may answer with NaN: an honest failed fit", async () => {
    const runner = await runnerOf(await standIn(["--nan"]), startupOf());
    expect(await runner.run(unitOf(1), forever())).toMatchObject({
      kind: "result",
      result: { llh: null, eInGeV: null, eTotGeV: null, xM: null, timeNs: null },
    });
  });

  const answer = { nside: 8, pixel: 1, posvar: 0, llh: 1, eInGeV: 1, eTotGeV: 1, xM: 1, yM: 1, zM: 1, timeNs: 1, energyGeV: 1 };
  const outfileOf = (change: Partial<typeof answer>): string =>
    JSON.stringify({ reco_pixel_variation_pkl_b64: encodeRecoPixelVariation({ ...answer, ...change }), runtime: 1 });
  test.each([
    ["is no JSON", "hello", /not? valid JSON|no valid JSON/],
    ["is another object", "{}", /no reco_pixel_variation_pkl_b64/],
    ["holds no pickle", '{"reco_pixel_variation_pkl_b64":"aGVsbG8=","runtime":1}', /reco_pixel_variation_pkl_b64/],
    ["holds another pickle", `{"reco_pixel_variation_pkl_b64":"gAROLg==","runtime":1}`, /no RecoPixelVariation/],
    ["is another pixel's", outfileOf({ pixel: 2 }), /for unit 8\/2\/0/],
    ["is another nside's", outfileOf({ nside: 4 }), /for unit 4\/1\/0/],
    ["is another variation's", outfileOf({ posvar: 3 }), /for unit 8\/1\/3/],
  ])("that ends with status 0 and an outfile that %s has broken the protocol", async (_what, outfile, message) => {
    const content = join(bench.directory, "content");
    await writeFile(content, outfile);
    const reco = await bench.oneshotReco(`cp "${content}" "$2"`, { run: { format: "icetray" } });
    const runner = await runnerOf(reco, startupOf());
    expect(await runner.run(unitOf(1), forever())).toMatchObject({
      kind: "failure",
      code: "protocol",
      message: expect.stringMatching(message) as unknown,
      retry: true,
    });
  });

  test.each([
    ["no packet", null, /"needs" must list "gcdqp"/],
    ["four frames", { frames: packet.frames.slice(0, 4) }, /five pairs/],
    ["no header", { frames: [...packet.frames.slice(0, 4), packed("p", [])] }, /no I3EventHeader/],
    ["no frames", {}, /needs/],
  ])("does not start when the startup file has %s", async (_what, GCDQp_packet, message) => {
    const runner = await runnerOf(await standIn(), startupOf({ GCDQp_packet }));
    await expect(runner.run(unitOf(1), forever())).rejects.toMatchObject({
      code: "start-failed",
      message: expect.stringMatching(message) as unknown,
    });
  });

  test("is checked like any other, with the units that its infile can say", async () => {
    const reco = await standIn();
    const report = await checkReco(reco.dir, {
      scratchDir: bench.scratchDir,
      gcd: { directories: [], stagingDirectory: join(bench.directory, "staging"), url: undefined },
      logger: silentLogger,
      environment: process.env,
      startup: startupOf(),
    });
    expect(report.lines.filter(({ status }) => status !== "ok")).toEqual([]);
    expect(report.lines.map(({ rule }) => rule)).toContain("answers unit 1/11/0");
    expect(report.conforms).toBe(true);
  });
});
