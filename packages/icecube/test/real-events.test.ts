import { dataMissing, dataPath } from "@skyscan/testing";
import { describe, expect, it } from "vitest";
import {
  defaultSeed,
  describeEvent,
  describeFrames,
  eventForReco,
  frameObject,
  icecube86,
  parseEvent,
  readEventFile,
  readSuperDst,
  resolvePulses,
  summarizeEvent,
  type DomPulses,
  type Event,
  type Pulse,
} from "../src/index.ts";
import { eventBytes, eventFiles, json } from "./real-files.ts";

interface EventVector {
  file: string;
  run: number;
  event: number;
  start: [year: number, daqtime: string];
  mjd: number;
  key: string;
  doms: number;
  pulses: number;
  qtot: number;
  tmin: number;
  tmax: number;
  superdst: { doms: number; pulses: number; qtot: number };
}

const names = [
  "run00130322.evt000001414689.HESE",
  "run00127907.evt000016605651.HESE",
  "run00127907.evt000020178442.HESE",
  "run00136662.evt000035405932.neutrino",
];

const totals = (doms: readonly DomPulses[]) => {
  const all = doms.flatMap(({ pulses }) => pulses);
  return { doms: doms.length, pulses: all.length, qtot: all.reduce((sum, [, charge]) => sum + charge, 0) };
};

describe.skipIf(dataMissing !== undefined)("real events", () => {
  const vectors = dataMissing === undefined ? (json("vectors/events.json") as EventVector[]) : [];
  const events = new Map<string, Event>();
  const event = (file: string): Event => {
    const known = events.get(file) ?? parseEvent(eventBytes(file), file);
    events.set(file, known);
    return known;
  };
  const bronze = "run00136662-evt000035405932-BRONZE.pkl";

  it.each(vectors.map((vector, i) => [vector.file, vector, names[i]!] as const))(
    "%s: metadata and totals as recorded",
    (file, vector, name) => {
      const { metadata, header, pulseSeries, doms, name: found } = event(file);
      expect(found).toBe(name);
      expect(metadata).toEqual({
        runId: vector.run,
        eventId: vector.event,
        eventType: name.split(".")[2],
        mjd: vector.mjd,
        isRealEvent: true,
        version: 1,
      });
      expect([header.start.year, String(header.start.tenthsOfNs)]).toEqual(vector.start);
      expect(pulseSeries).toBe(vector.key);
      expect(totals(doms)).toEqual({ doms: vector.doms, pulses: vector.pulses, qtot: vector.qtot });
      const times = doms.flatMap(({ pulses }) => pulses.map(([timeNs]) => timeNs));
      expect([Math.min(...times), Math.max(...times)]).toEqual([vector.tmin, vector.tmax]);
    },
  );

  it.each(vectors.map((vector) => [vector.file, vector] as const))(
    "%s: the whole SuperDST unpacks, IceTop included",
    (file, vector) => {
      const daq = event(file).frames[3]!.frame;
      const { qtot, ...counts } = totals(readSuperDst(frameObject(daq, "I3SuperDST")!.blob));
      expect(counts).toEqual({ doms: vector.superdst.doms, pulses: vector.superdst.pulses });
      expect(qtot).toBeCloseTo(vector.superdst.qtot, 9);
    },
  );

  it.each(eventFiles)("%s: every pulse as recorded", (file) => {
    type Row = [key: [number, number, number], pulses: Pulse[]];
    const rows = json(`vectors/pulses_${file.replace(/\.(json|pkl)$/, "")}.json`) as Row[];
    const found = event(file).doms.map(({ string, om, pmt, pulses }): Row => [[string, om, pmt], [...pulses]]);
    expect(found).toEqual(rows);
  });

  it.each(["hese_event_00.json", "hese_event_01.json"])("%s: the SuperDST holds the pulses of the uncompressed map", (file) => {
    const [, , , daq] = event(file).frames;
    const full = resolvePulses([daq!.frame], "UncleanedInIcePulses");
    const packed = resolvePulses([daq!.frame], "InIceDSTPulses");
    expect(packed.map(({ string, om, pulses }) => [string, om, pulses.length])).toEqual(
      full.map(({ string, om, pulses }) => [string, om, pulses.length]),
    );
    packed.forEach((dom, i) =>
      dom.pulses.forEach(([timeNs, charge], j) => {
        const original = full[i]!.pulses[j]!;
        expect(Math.abs(timeNs - original[0])).toBeLessThanOrEqual(0.5);
        expect(Math.abs(charge - original[1])).toBeLessThan(0.0251);
      }),
    );
  });

  it("give the recorded fits, their likelihoods, the summary and the baseline", () => {
    const { recorded, summary, baselineGcd, alert } = event(bronze);
    expect(recorded["OnlineL2_SplineMPE"]!.zenithRad).toBeCloseTo(1.51078, 5);
    expect(recorded["OnlineL2_SplineMPE"]!.llh).toBeCloseTo(822.98634, 5);
    expect(baselineGcd).toBe("baseline_gcd_135417.i3");
    expect(summary).toMatchObject({ run_id: 136662, nch: 133, reco: { spefit2: { ndof: 128 } } });
    expect(Object.hasOwn(alert!, "neutrino")).toBe(true);
    const hese = event("event_HESE_2017-11-28.json").recorded["HESE_SPEFit2"]!;
    expect([hese.ndof, hese.llh]).toEqual([188, expect.closeTo(1379.2497, 4)]);
  });

  it("start from the veto's vertex, which is a module's position, else from the charge centre", () => {
    expect(defaultSeed(event("event_HESE_2017-11-28.json"), icecube86())).toEqual({
      xM: 194.34,
      yM: -30.92,
      zM: 112.62,
      timeNs: 9886,
    });
    const { xM, yM, zM } = icecube86().dom(37, 24)!;
    expect([xM, yM, zM]).toEqual([194.34, -30.92, 112.62]);
    const centre = defaultSeed(event(bronze), icecube86());
    expect(Math.hypot(centre.xM, centre.yM)).toBeLessThan(700);
    expect(Math.abs(centre.zM)).toBeLessThan(510);
    expect(centre.timeNs).toBeGreaterThan(28383);
    expect(centre.timeNs).toBeLessThan(46293);
  });

  it("are handed to recos with the position of every module", () => {
    const reco = eventForReco(event(bronze), icecube86());
    expect(reco).toMatchObject({
      runId: 136662,
      eventType: "neutrino",
      isRealEvent: true,
      pulseSeries: "SplitUncleanedInIcePulses",
    });
    expect(reco.doms).toHaveLength(176);
    const { string, om } = reco.doms[0]!;
    expect(reco.doms[0]).toMatchObject(icecube86().dom(string, om)!);
    expect(Object.keys(reco.recorded)).toEqual(["OnlineL2_BestFit", "OnlineL2_SplineMPE"]);
    expect(JSON.parse(JSON.stringify(reco))).toEqual(reco);
  });

  it("are shown with equatorial directions and dumped with every key", () => {
    const text = describeEvent(event(bronze)).join("\n");
    expect(text).toContain("2022-05-24 07:41:32.1853524946 UTC");
    expect(text).toContain("176 modules");
    expect(summarizeEvent(event(bronze)).recorded["OnlineL2_BestFit"]!.raDeg).toBeCloseTo(47.151, 2);
    const dump = describeFrames(event(bronze)).join("\n");
    expect(dump).toContain("frame P: 14 objects, 3655 bytes");
    expect(dump).toContain("I3Map<OMKey, I3TimeWindowSeries>");
  });

  it("are read from disk", async () => {
    const read = await readEventFile(dataPath(`events/${bronze}`));
    expect(read.name).toBe(names[3]);
  });

  it("with pulses of another key, when asked", () => {
    const other = parseEvent(eventBytes(bronze), bronze, { pulseSeries: "InIceDSTPulses" });
    expect(other.doms.length).toBeGreaterThanOrEqual(176);
    expect(() => parseEvent(eventBytes(bronze), bronze, { pulseSeries: "NoSuch" })).toThrow(
      /BRONZE.*no pulses "NoSuch"; there are SplitUncleanedInIcePulses/,
    );
  });
});
