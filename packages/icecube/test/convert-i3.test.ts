import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { dataMissing } from "@skyscan/testing";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  convertI3,
  createFrame,
  encodeEvent,
  frameObject,
  parseEvent,
  readEventHeader,
  writeEventHeader,
  writeFrame,
  writeI3File,
  type ConvertedEvent,
  type Event,
  type EventToWrite,
  type Frame,
} from "../src/index.ts";
import { eventBytes, eventFiles } from "./real-files.ts";

let directory: string;
let said: string[];
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "skyscan-convert-"));
  said = [];
});
afterEach(() => rm(directory, { recursive: true, force: true }));

const small: EventToWrite = {
  runId: 123456,
  eventId: 7,
  eventType: "neutrino",
  start: { year: 2022, tenthsOfNs: 123828921853524946n },
  durationNs: 19_000,
  doms: [{ string: 36, om: 40, pmt: 0, pulses: [[10_000, 1.5, 8, 7]] }],
  baselineGcd: "baseline_gcd_135417.i3",
};
const framesOf = (event: Event): Frame[] => event.frames.map(({ frame }) => frame);
const smallFrames = (change: Partial<EventToWrite> = {}): Frame[] =>
  framesOf(parseEvent(encodeEvent({ ...small, ...change }), "small"));

async function convert(
  files: readonly (readonly Frame[])[],
  options: { baselineGcd?: string; maxFrames?: number } = {},
): Promise<ConvertedEvent[]> {
  const paths = await Promise.all(
    files.map(async (frames, i) => {
      const path = join(directory, `${i}.i3${i % 2 === 0 ? ".gz" : ".zst"}`);
      await writeI3File(path, frames);
      return path;
    }),
  );
  const events: ConvertedEvent[] = [];
  const onRemark = (remark: string): void => void said.push(remark);
  for await (const event of convertI3(paths, { ...options, onSkipped: onRemark, onRemark })) events.push(event);
  return events;
}

/** The physics frame with another sub-event. */
function subEvent(physics: Frame, subEventId: number, keep: (key: string) => boolean = () => true): Frame {
  const header = readEventHeader(frameObject(physics, "I3EventHeader")!.blob);
  const objects = physics.objects.filter(({ key }) => keep(key));
  return createFrame(
    "P",
    objects.map((object) =>
      object.key === "I3EventHeader" ? { ...object, blob: writeEventHeader({ ...header, subEventId }) } : object,
    ),
  );
}

describe.skipIf(dataMissing !== undefined)("frames of real events, in a GCD file and an event file", () => {
  it.each(eventFiles)("%s: come back as the same event", async (file) => {
    const event = parseEvent(eventBytes(file), file);
    const [g, c, d, q, p] = framesOf(event) as [Frame, Frame, Frame, Frame, Frame];
    const [converted, ...others] = await convert([
      [g, c, d],
      [q, p],
    ]);
    expect(others).toEqual([]);
    expect(converted!.fileName).toBe(
      `${event.name.split(".").slice(0, 2).join(".")}.sub${String(event.header.subEventId).padStart(3, "0")}.json`,
    );
    const again = parseEvent(converted!.bytes, "again");
    expect(again.name).toBe(event.name);
    expect(again.doms).toEqual(event.doms);
    expect(again.header).toEqual(event.header);
    expect(again.baselineGcd).toBe(event.baselineGcd);
    expect(again.recorded).toEqual(event.recorded);
    framesOf(again).forEach((frame, i) => {
      expect(Buffer.from(writeFrame(frame)).equals(writeFrame(framesOf(event)[i]!)), frame.stream).toBe(true);
    });
    expect(again.statedFormatVersion).toBe("2021a");
  });
});

describe("converting", () => {
  it("gives one event file for each physics frame, each with the frames before it", async () => {
    const [g, c, d, q, p] = smallFrames() as [Frame, Frame, Frame, Frame, Frame];
    const [, , , otherQ, otherP] = smallFrames({ eventId: 8 }) as [Frame, Frame, Frame, Frame, Frame];
    const events = await convert([
      [g, c, d],
      [createFrame("I", []), q, p, subEvent(p, 1), otherQ, otherP],
    ]);
    expect(events.map(({ fileName }) => fileName)).toEqual([
      "run00123456.evt000000000007.sub000.json",
      "run00123456.evt000000000007.sub001.json",
      "run00123456.evt000000000008.sub000.json",
    ]);
    const [first] = events.map(({ bytes }) => parseEvent(bytes, "x"));
    expect(first!.summary).toMatchObject({ run_id: 123456, event_id: 7, nch: 1, npulses: 1, qtot: 1.5 });
    expect(first!.baselineGcd).toBe("baseline_gcd_135417.i3");
    expect(said).toEqual([]);
  });

  it("leaves out physics frames without pulses in the ice, and a second one of the same name, and says so", async () => {
    const [g, c, d, q, p] = smallFrames() as [Frame, Frame, Frame, Frame, Frame];
    const events = await convert([
      [g, c, d, q, subEvent(p, 1, (key) => key === "I3EventHeader"), subEvent(p, 2, () => false), p, p],
    ]);
    expect(events).toHaveLength(1);
    expect(said).toEqual([
      expect.stringMatching(/frame 5 .*neither SplitUncleanedInIcePulses nor SplitInIcePulses/),
      expect.stringMatching(/frame 6 .*no I3EventHeader/),
      expect.stringMatching(/frame 8 .*already/),
    ]);
  });

  it("takes the format's version from the name of the pulses", async () => {
    const [g, c, d, q, p] = smallFrames() as [Frame, Frame, Frame, Frame, Frame];
    const renamed = createFrame(
      "P",
      p.objects.map((object) => (object.key === "SplitUncleanedInIcePulses" ? { ...object, key: "SplitInIcePulses" } : object)),
    );
    const [event] = await convert([[g, c, d, q, renamed]]);
    expect(parseEvent(event!.bytes, "x")).toMatchObject({ statedFormatVersion: "2023a", pulseSeries: "SplitInIcePulses" });
  });

  it("reads as many frames as it is told", async () => {
    const [g, c, d, q, p] = smallFrames() as [Frame, Frame, Frame, Frame, Frame];
    const files = [
      [g, c, d],
      [q, p, subEvent(p, 1)],
    ];
    expect(await convert(files, { maxFrames: 4 })).toEqual([]);
    expect(await convert(files, { maxFrames: 5 })).toHaveLength(1);
  });

  it("wants geometry, calibration and status first", async () => {
    const [g, c, d, q, p] = smallFrames() as [Frame, Frame, Frame, Frame, Frame];
    await expect(
      convert([
        [q, p],
        [g, c, d],
      ]),
    ).rejects.toMatchObject({
      code: "missing",
      message: expect.stringMatching(
        /frame 2 at offset \d+: a physics frame without G, C, D before it: give the GCD file first/,
      ) as unknown,
    });
  });

  it("wants differences to the baseline file that is named, and keeps a whole geometry whole, saying what that means", async () => {
    const frames = smallFrames();
    expect(await convert([frames], { baselineGcd: "/data/baseline_gcd_135417.i3" })).toHaveLength(1);
    expect(said).toEqual([]);
    await expect(convert([frames], { baselineGcd: "baseline_gcd_1.i3" })).rejects.toMatchObject({
      code: "invalid",
      message: expect.stringMatching(/difference to baseline_gcd_135417\.i3, not to --basegcd baseline_gcd_1\.i3/) as unknown,
    });
    const whole = createFrame("G", [{ key: "I3Geometry", typeName: "I3Geometry", blob: new Uint8Array(50) }]);
    const [event] = await convert([[whole, ...frames.slice(1)]], { baselineGcd: "baseline_gcd_135417.i3" });
    expect(said).toEqual([expect.stringMatching(/frame 1 .*kept whole: only IceTray/)]);
    expect(frameObject(parseEvent(event!.bytes, "x").frames[0]!.frame, "I3Geometry")?.blob).toHaveLength(50);
  });

  it("refuses what would be too large to be read again", async () => {
    const large = createFrame("C", [{ key: "I3Calibration", typeName: "I3Calibration", blob: new Uint8Array(33 * 2 ** 20) }]);
    const [g, , d, q, p] = smallFrames() as [Frame, Frame, Frame, Frame, Frame];
    await expect(convert([[g, large, d, q, p]])).rejects.toMatchObject({ code: "too-large" });
  });
});

describe("an .i3 file where an event file is wanted", () => {
  it("is said to be one, with what to do", async () => {
    const path = join(directory, "x.i3");
    await writeI3File(path, smallFrames());
    const { readEventFile } = await import("../src/index.ts");
    await expect(readEventFile(path)).rejects.toThrow(/it is an \.i3 file: `skyscan event convert/);
    await writeI3File(`${path}.zst`, smallFrames());
    await expect(readEventFile(`${path}.zst`)).rejects.toThrow(/seems to be packed: .*skyscan event convert/);
    await writeFile(path, "{}");
    await expect(readEventFile(path)).rejects.toThrow(/^(?!.*event convert)/);
  });
});
