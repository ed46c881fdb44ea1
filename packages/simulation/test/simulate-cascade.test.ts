import { encodeEvent, hexagon, icecube86, parseEvent, particleShape, simulatedTruth } from "@skyscan/icecube";
import { describe, expect, it } from "vitest";
import {
  cascadeEmission,
  iceByName,
  lightOfCascade,
  simulateCascade,
  simulateTrack,
  travelDirection,
  type Cascade,
  type SimulatedEvent,
} from "../src/index.ts";

const cascadeOf = ({ truth }: SimulatedEvent): Cascade => ({
  vertex: truth.vertex,
  timeNs: truth.timeNs,
  direction: travelDirection(truth.zenithRad, truth.azimuthRad),
});

describe("the light of a cascade", () => {
  it("is what it is on average over all directions, and most at the Cherenkov angle", () => {
    const steps = 100_000;
    let sum = 0;
    for (let i = 0; i < steps; i++) sum += cascadeEmission(-1 + (2 * (i + 0.5)) / steps);
    expect(sum / steps).toBeCloseTo(1, 4);
    expect(cascadeEmission(1 / 1.3195)).toBeGreaterThan(50);
    // Raedel & Wiebusch: 4.27033 exp(-6.02527 (1 + 1/1.3195)^0.29887) - 0.00103 backwards, per steradian of one photon.
    expect(4 * Math.PI * 2.36e-3).toBeCloseTo(cascadeEmission(-1), 3);
  });

  it("comes at the speed of light pulses in ice, and forgets its direction on the way", () => {
    const cascade: Cascade = { vertex: { xM: 0, yM: 0, zM: 0 }, timeNs: 100, direction: [0, 0, 1] };
    const at = (xM: number, zM: number) => lightOfCascade(cascade, { xM, yM: 0, zM });
    expect(at(30, 40).geometricNs).toBeCloseTo(100 + (50 * 1.35634) / 0.299792458, 9);
    expect(at(30, 40).cosEta).toBeCloseTo(0.8, 12);
    expect(at(0, 10).emission / at(0, -10).emission).toBeGreaterThan(3);
    expect(at(0, 300).emission / at(0, -300).emission).toBeCloseTo(1, 2);
  });
});

describe("a simulated cascade", () => {
  it("follows from its seed, to the byte, and is another event than the track of that seed", () => {
    expect(encodeEvent(simulateCascade({ seed: 5 }).event)).toEqual(encodeEvent(simulateCascade({ seed: 5 }).event));
    expect(encodeEvent(simulateCascade({ seed: 5 }).event)).not.toEqual(encodeEvent(simulateCascade({ seed: 6 }).event));
    expect(simulateCascade({ seed: 5 }).event.runId).not.toBe(simulateTrack({ seed: 5 }).event.runId);
  });

  it("is read back from its file as a simulated cascade with its truth", () => {
    const { event, truth } = simulateCascade({ seed: 2 });
    const read = parseEvent(encodeEvent(event), "cascade.json");
    expect(read.doms).toEqual(event.doms);
    expect(read.metadata).toMatchObject({ runId: 2, eventId: 2, isRealEvent: false });
    expect(event.simulated?.truth.shape).toBe(particleShape.cascade);
    expect(truth).toMatchObject({ kind: "cascade", ice: "model", seed: 2 });
    const found = simulatedTruth(read)!;
    expect(found).toMatchObject({ xM: truth.vertex.xM, yM: truth.vertex.yM, zM: truth.vertex.zM, timeNs: truth.timeNs });
    expect(found.raRad).toBeCloseTo(truth.raRad, 12);
    expect(found.decRad).toBeCloseTo(truth.decRad, 12);
  });

  it("lies in the detector, lights at least 60 modules and comes from anywhere", () => {
    const zeniths: number[] = [];
    for (let seed = 0; seed < 30; seed++) {
      const { signalDoms, truth } = simulateCascade({ seed });
      expect(signalDoms).toBeGreaterThanOrEqual(60);
      const { vertex } = truth;
      const nearest = Math.min(
        ...icecube86().doms.map((dom) => Math.hypot(dom.xM - vertex.xM, dom.yM - vertex.yM, dom.zM - vertex.zM)),
      );
      expect(nearest).toBeLessThanOrEqual(60);
      zeniths.push(truth.zenithRad);
    }
    expect(Math.min(...zeniths)).toBeLessThan(1);
    expect(Math.max(...zeniths)).toBeGreaterThan(2);
  });

  it("is brighter where its light points to: the first modules along the cone see more than those behind", () => {
    let ahead = 0;
    let behind = 0;
    for (let seed = 0; seed < 30; seed++) {
      const simulated = simulateCascade({ seed, noiseHz: 0, minSignalDoms: 0 });
      const { vertex, direction } = cascadeOf(simulated);
      const charges = new Map(
        simulated.event.doms.map(({ string, om, pulses }) => [`${string},${om}`, pulses.reduce((sum, [, q]) => sum + q, 0)]),
      );
      for (const { string, om, xM, yM, zM } of icecube86().doms) {
        const away = [xM - vertex.xM, yM - vertex.yM, zM - vertex.zM] as const;
        const distance = Math.hypot(...away);
        if (distance > 60) continue;
        const cos = away.reduce((sum, value, i) => sum + value * direction[i]!, 0) / distance;
        const charge = charges.get(`${string},${om}`) ?? 0;
        if (cos > 0.5) ahead += charge;
        if (cos < -0.5) behind += charge;
      }
    }
    expect(ahead).toBeGreaterThan(2 * behind);
  });

  it("delays single photons by what the Pandel function says: shape over rate, on average", () => {
    let delay = 0;
    let expected = 0;
    for (let seed = 0; seed < 60; seed++) {
      const faint = simulateCascade({ seed, noiseHz: 0, brightness: 400, minSignalDoms: 0 });
      for (const { string, om, pulses } of faint.event.doms) {
        if (pulses.length !== 1 || pulses[0]![1] > 1.6) continue;
        const light = lightOfCascade(cascadeOf(faint), icecube86().dom(string, om)!);
        delay += pulses[0]![0] - light.geometricNs;
        expected += light.shape / iceByName("model").delayRatePerNs;
      }
    }
    expect(expected).toBeGreaterThan(1e5);
    expect(delay / expected).toBeGreaterThan(0.92);
    expect(delay / expected).toBeLessThan(1.08);
  });

  it("may be seen by another detector, and of impossible options is refused", () => {
    expect(simulateCascade({ seed: 1, geometry: hexagon(), minSignalDoms: 20 }).event.simulated?.geometry).toBe(hexagon().name);
    expect(() => simulateCascade({ seed: -1 })).toThrow(/seed -1/);
    expect(() => simulateCascade({ seed: 1, brightness: 0 })).toThrow(
      /no cascade in 200 tries lit 60 modules of geometry icecube86/,
    );
  });
});
