import {
  encodeEvent,
  eventForReco,
  geometryByName,
  hexagon,
  icecube86,
  parseEvent,
  pulseFlag,
  simulatedTruth,
  type DomPulses,
} from "@skyscan/icecube";
import { describe, expect, it } from "vitest";
import { iceByName, lightOfTrack, simulateTrack, travelDirection, type SimulatedEvent, type Track } from "../src/index.ts";

const trackOf = ({ truth }: SimulatedEvent): Track => ({
  point: truth.vertex,
  timeNs: truth.timeNs,
  direction: travelDirection(truth.zenithRad, truth.azimuthRad),
});

/** First-pulse residuals of modules close enough to the track to see its light early. */
function residuals(simulated: SimulatedEvent, maxPerpendicularM: number): number[] {
  const track = trackOf(simulated);
  return simulated.event.doms.flatMap(({ string, om, pulses }) => {
    const light = lightOfTrack(track, icecube86().dom(string, om)!);
    return light.distanceM < maxPerpendicularM ? [pulses[0]![0] - light.geometricNs] : [];
  });
}

const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1]!;

describe("a simulated track", () => {
  it("follows from its seed, to the byte", () => {
    expect(encodeEvent(simulateTrack({ seed: 5 }).event)).toEqual(encodeEvent(simulateTrack({ seed: 5 }).event));
    expect(encodeEvent(simulateTrack({ seed: 5 }).event)).not.toEqual(encodeEvent(simulateTrack({ seed: 6 }).event));
  });

  it("is read back from its file exactly, as a simulated event with its truth", () => {
    for (const seed of [1, 2, 3]) {
      const { event, truth } = simulateTrack({ seed });
      const read = parseEvent(encodeEvent(event), "simulated.json");
      expect(read.doms).toEqual(event.doms);
      expect(read.metadata).toMatchObject({ runId: 1, eventId: seed, eventType: "neutrino", isRealEvent: false, mjd: truth.mjd });
      expect(geometryByName(read.simulatedGeometry!)).toBe(icecube86());
      const found = simulatedTruth(read)!;
      expect(found.zenithRad).toBe(truth.zenithRad);
      expect(found.raRad).toBeCloseTo(truth.raRad, 12);
      expect(found.decRad).toBeCloseTo(truth.decRad, 12);
      expect(eventForReco(read, icecube86()).doms).toHaveLength(event.doms.length);
    }
  });

  it("comes from where it is told to, at the time it is told", () => {
    const { event, truth } = simulateTrack({ seed: 9, origin: { raRad: 1.25, decRad: 0.3 }, mjd: 60500.5, minSignalDoms: 20 });
    expect([truth.raRad, truth.decRad]).toEqual([1.25, 0.3]);
    const found = simulatedTruth(parseEvent(encodeEvent(event), "told"))!;
    expect(found.raRad).toBeCloseTo(1.25, 9);
    expect(found.decRad).toBeCloseTo(0.3, 9);
    expect(truth.mjd).toBeCloseTo(60500.5, 9);
  });

  it("lights at least 60 modules and is horizontal or upgoing, whatever the seed", () => {
    for (let seed = 0; seed < 40; seed++) {
      const { signalDoms, truth } = simulateTrack({ seed });
      expect(signalDoms).toBeGreaterThanOrEqual(60);
      expect(truth.zenithRad).toBeGreaterThan((80 * Math.PI) / 180 - 1e-9);
    }
  });

  it("hits near modules promptly, and none before the light", () => {
    const near: number[] = [];
    for (let seed = 100; seed < 120; seed++) {
      const quiet = simulateTrack({ seed, noiseHz: 0 });
      near.push(...residuals(quiet, 20));
      expect(Math.min(...residuals(quiet, 150))).toBeGreaterThan(-25);
    }
    expect(median(near)).toBeGreaterThan(-2);
    expect(median(near)).toBeLessThan(10);
  });

  it("delays single photons by what the Pandel function says: shape over rate, on average", () => {
    let delay = 0;
    let expected = 0;
    for (let seed = 0; seed < 60; seed++) {
      const faint = simulateTrack({ seed, noiseHz: 0, brightness: 4, minSignalDoms: 0 });
      for (const { string, om, pulses } of faint.event.doms) {
        if (pulses.length !== 1 || pulses[0]![1] > 1.6) continue;
        const light = lightOfTrack(trackOf(faint), icecube86().dom(string, om)!);
        delay += pulses[0]![0] - light.geometricNs;
        expected += light.shape / iceByName("model").delayRatePerNs;
      }
    }
    expect(expected).toBeGreaterThan(1e5);
    expect(delay / expected).toBeGreaterThan(0.92);
    expect(delay / expected).toBeLessThan(1.08);
  });

  it("has the noise of every module, and isolated pulses without coincidence", () => {
    const dark = simulateTrack({ seed: 3, brightness: 0, minSignalDoms: 0 }).event.doms;
    const count = dark.reduce((sum, { pulses }) => sum + pulses.length, 0);
    // 5160 modules, 500 Hz, 20 microseconds: 51.6 expected.
    expect(count).toBeGreaterThan(25);
    expect(count).toBeLessThan(85);
    const flagged = (doms: readonly DomPulses[]): number =>
      doms.filter(({ pulses }) => pulses.some(([, , , f]) => f & pulseFlag.hlc)).length;
    expect(flagged(dark)).toBeLessThan(3);
    expect(flagged(simulateTrack({ seed: 3 }).event.doms)).toBeGreaterThan(40);
  });

  it("gives coincident neighbours, and only those, the HLC flag", () => {
    const { doms } = simulateTrack({ seed: 4 }).event;
    for (const { string, om, pulses } of doms) {
      for (const [timeNs, , , flags] of pulses) {
        const isNear = doms.some(
          (other) =>
            other.string === string &&
            other.om !== om &&
            Math.abs(other.om - om) <= 2 &&
            other.pulses.some(([t]) => Math.abs(t - timeNs) <= 1000),
        );
        expect(flags).toBe(isNear ? 7 : 4);
      }
    }
  });

  it("may be seen by another detector", () => {
    const { event } = simulateTrack({ seed: 1, geometry: hexagon(), minSignalDoms: 30 });
    expect(parseEvent(encodeEvent(event), "hexagon").simulatedGeometry).toBe(hexagon().name);
  });

  it("of impossible options is refused, naming the value", () => {
    expect(() => simulateTrack({ seed: -1 })).toThrow(/seed -1/);
    expect(() => simulateTrack({ seed: 1.5 })).toThrow(/seed 1.5/);
    expect(() => simulateTrack({ seed: 1, noiseHz: NaN })).toThrow(/noiseHz NaN/);
    expect(() => simulateTrack({ seed: 1, brightness: 0 })).toThrow(/lit 60 modules/);
  });
});
