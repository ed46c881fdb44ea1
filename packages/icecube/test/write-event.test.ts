import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  defaultSeed,
  describeEvent,
  encodeEvent,
  eventForReco,
  geometryByName,
  icecube86,
  parseEvent,
  readEventFile,
  summarizeEvent,
  truthKey,
  writeEventFile,
  type EventToWrite,
  type Particle,
} from "../src/index.ts";

const truth: Particle = {
  minorId: 1,
  majorId: 2n ** 63n,
  pdg: 13,
  shape: 40,
  fitStatus: 0,
  position: { xM: 1, yM: -2, zM: 3 },
  zenithRad: 1.5,
  azimuthRad: 2.5,
  timeNs: 10000,
  energyGeV: NaN,
  lengthM: NaN,
  speedMPerNs: 0.299792458,
  locationType: 0,
};
const simulated: EventToWrite = {
  runId: 7,
  eventId: 42,
  eventType: "neutrino",
  start: { year: 2024, tenthsOfNs: 123456789012345678n },
  durationNs: 20000,
  doms: [
    { string: 2, om: 5, pmt: 0, pulses: [[10100.25, 1.5, 8, 4]] },
    { string: 1, om: 9, pmt: 0, pulses: [[10000.5, 0.75, 8, 7], [10200, 2, 4, 7]] }, // prettier-ignore
  ],
  recorded: { SomeFit: { ...truth, fitStatus: 40, zenithRad: NaN } },
  simulated: { truth, geometry: "icecube86" },
};

describe("an event that is written", () => {
  let directory: string;
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), "icecube-"));
  });
  afterAll(() => rm(directory, { recursive: true }));

  it("is read like a real one, and is marked as simulated", async () => {
    const path = join(directory, "event.json");
    await writeEventFile(path, simulated);
    expect(await readdir(directory)).toEqual(["event.json"]);
    const event = await readEventFile(path);
    expect(event.name).toBe("run00000007.evt000000000042.neutrino");
    expect(event.metadata.isRealEvent).toBe(false);
    expect(event.header.start).toEqual(simulated.start);
    expect(event.doms).toEqual([simulated.doms[1], simulated.doms[0]]);
    expect(event.recorded[truthKey]).toMatchObject({ ...truth.position, zenithRad: 1.5, azimuthRad: 2.5, timeNs: 10000 });
    expect(geometryByName(event.simulatedGeometry!)).toBe(icecube86());
    expect(event.summary).toMatchObject({ run_id: 7, nch: 2, npulses: 3, qtot: 4.25 });
    expect(eventForReco(event, icecube86()).recorded).not.toHaveProperty("SomeFit");
    expect(describeEvent(event).join("\n")).toContain("(simulated)");
    expect(JSON.parse(JSON.stringify(summarizeEvent(event)))).toEqual(summarizeEvent(event));
  });

  it("gives the same bytes again", () => {
    expect(encodeEvent(simulated)).toEqual(encodeEvent(structuredClone(simulated)));
  });

  it("of a real detector names its baseline, and tells its kind by the run id", () => {
    const { simulated: _, ...real } = simulated;
    const event = parseEvent(
      encodeEvent({ ...real, runId: 123456, eventType: "HESE", baselineGcd: "baseline_gcd_135417.i3" }),
      "real",
    );
    expect(event.baselineGcd).toBe("baseline_gcd_135417.i3");
    expect(event.metadata).toMatchObject({ eventType: "HESE", isRealEvent: true });
    const undecided = parseEvent(encodeEvent(real), "small run");
    expect(undecided.metadata.isRealEvent).toBeUndefined();
    expect(() => eventForReco(undecided, icecube86())).toThrow(/real or simulated/);
    expect(eventForReco(undecided, icecube86(), false).isRealEvent).toBe(false);
  });

  it("may carry its starting vertex", () => {
    const seedVertex = { xM: 5, yM: 6, zM: 7, timeNs: 9999 };
    expect(defaultSeed(parseEvent(encodeEvent({ ...simulated, seedVertex }), "seeded"), icecube86())).toEqual(seedVertex);
  });

  it("without one starts from the charge centre, bright modules capped", () => {
    const doms = [
      { string: 1, om: 1, pmt: 0, pulses: [[1000, 100, 8, 4]] as const },
      { string: 1, om: 3, pmt: 0, pulses: [[3000, 1e5, 8, 4]] as const },
    ];
    const seed = defaultSeed(parseEvent(encodeEvent({ ...simulated, doms }), "bright"), icecube86());
    const [a, b] = [icecube86().dom(1, 1)!, icecube86().dom(1, 3)!];
    expect(seed.zM).toBeCloseTo((a.zM + b.zM) / 2, 9);
    expect(seed.timeNs).toBeCloseTo(2000, 9);
  });

  it("cannot lack pulses, nor be real and simulated", async () => {
    expect(() => encodeEvent({ ...simulated, doms: [] })).toThrow(/without pulses/);
    expect(() => encodeEvent({ ...simulated, baselineGcd: "x.i3" })).toThrow(/either simulated/);
    await expect(writeEventFile(join(directory, "no/such/dir.json"), simulated)).rejects.toMatchObject({ code: "io" });
  });

  it("with modules the geometry does not know is refused to recos, naming them; IceTop is left out", () => {
    const doms = [...simulated.doms, { string: 3, om: 62, pmt: 0, pulses: [[1, 1, 1, 7]] as const }];
    expect(eventForReco(parseEvent(encodeEvent({ ...simulated, doms }), "icetop"), icecube86()).doms).toHaveLength(2);
    const strange = [...simulated.doms, { string: 99, om: 2, pmt: 0, pulses: [[1, 1, 1, 7]] as const }];
    const event = parseEvent(encodeEvent({ ...simulated, doms: strange }), "strange");
    expect(() => eventForReco(event, icecube86())).toThrow(
      expect.objectContaining({ code: "missing", message: expect.stringContaining("(99,2)") }) as Error,
    );
  });
});
