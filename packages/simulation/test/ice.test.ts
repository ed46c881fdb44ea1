import { icecube86, pulseFlag } from "@skyscan/icecube";
import { describe, expect, it } from "vitest";
import { iceByName, iceNames, lightOfTrack, simulateTrack, travelDirection, type IceName, type Track } from "../src/index.ts";

/** Mean delay of photons that are alone in their module, for light that the ice named scattered, per m of the model's d_eff. */
function delayPerM(ice: IceName): number {
  let delay = 0;
  let effective = 0;
  for (let seed = 0; seed < 80; seed++) {
    const { event, truth } = simulateTrack({ seed, ice, noiseHz: 0, brightness: 4, minSignalDoms: 0 });
    const track: Track = {
      point: truth.vertex,
      timeNs: truth.timeNs,
      direction: travelDirection(truth.zenithRad, truth.azimuthRad),
    };
    for (const { string, om, pulses } of event.doms) {
      if (pulses.length !== 1 || pulses[0]![1] > 1.6) continue;
      const light = lightOfTrack(track, icecube86().dom(string, om)!);
      delay += pulses[0]![0] - light.geometricNs;
      effective += light.effectiveM;
    }
  }
  return delay / effective;
}

describe("the ice", () => {
  it("of the model has the recos' constants", () => {
    const ice = iceByName("model");
    expect(ice).toMatchObject({ scatteringM: 33.3, absorptionM: 98 });
    expect(ice.delayRatePerNs).toBeCloseTo(0.00405075, 8);
    expect(ice.attenuationM).toBeCloseTo(28.868, 3);
  });

  it("that is 10 % off has both lengths off by a tenth, and delays of light longer by 17 %", () => {
    const [model, off] = [iceByName("model"), iceByName("off10")];
    expect(off.scatteringM / model.scatteringM).toBeCloseTo(0.9, 12);
    expect(off.absorptionM / model.absorptionM).toBeCloseTo(1.1, 12);
    const expected = (model.scatteringM * model.delayRatePerNs) / (off.scatteringM * off.delayRatePerNs);
    expect(expected).toBeCloseTo(1.17, 2);
    const found = delayPerM("off10") / delayPerM("model");
    expect(found).toBeGreaterThan(1.08);
    expect(found).toBeLessThan(1.26);
  });

  it("decides the event and its name with the seed, and nothing else about the track", () => {
    const [model, off] = iceNames.map((ice) => simulateTrack({ seed: 7, ice, minSignalDoms: 0 }));
    expect(off!.truth).toEqual({ ...model!.truth, ice: "off10" });
    expect(off!.event.runId).not.toBe(model!.event.runId);
    expect(off!.event.doms).not.toEqual(model!.event.doms);
    expect(off!.event.doms.some(({ pulses }) => pulses.some(([, , , flags]) => flags & pulseFlag.hlc))).toBe(true);
  });
});
