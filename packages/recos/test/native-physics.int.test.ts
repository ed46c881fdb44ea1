// Builds the native reco and starts it on the real events. The oracle is what IceCube's own software recorded in the same files.
import { readFileSync } from "node:fs";
import { createSkyFrame } from "@skyscan/icecube";
import { dataMissing } from "@skyscan/testing";
import { describe, expect, test } from "vitest";
import { fitAll, openEvent, recoEvent, recordedSpe, separationDeg, startOn } from "./native-event.ts";
import { buildNative } from "./native-process.ts";
import { descend, searchBlindly } from "./native-search.ts";

const missing = buildNative() ?? dataMissing;
const bronze = "run00136662-evt000035405932-BRONZE.pkl";

/** The hits that the recorded fit was made of, and the lowest -ln L of the prototype that this reco was written after. */
const events = [
  { file: bronze, hits: "srt", count: 133, pulses: 701, prototype: 881.0213 },
  { file: "event_HESE_2017-11-28.json", hits: "hlc", count: 193, pulses: 3177, prototype: 1379.3122 },
  { file: "hese_event_00.json", hits: "hlc", count: 46, pulses: 557, prototype: 308.0853 },
  { file: "hese_event_01.json", hits: "hlc", count: 29, pulses: 353, prototype: 187.5316 },
] as const;

describe.skipIf(missing !== undefined)(`the native reco on real events${missing === undefined ? "" : ` (${missing})`}`, () => {
  test.each(events)(
    "$file: SPE in the recorded direction has the recorded likelihood",
    async ({ file, hits, count, pulses, prototype }) => {
      const event = await openEvent(file);
      const recorded = recordedSpe(event);
      await using native = await startOn(recoEvent(event), ["--model", "spe", "--hits", hits]);
      const [reply] = await fitAll(native, [recorded]);
      expect(native.stderr()).toMatch(new RegExp(`: ${count} hits from ${pulses} of `));
      expect(recorded.hits).toBe(count);
      expect(Math.abs(reply!.llh! - recorded.llh)).toBeLessThan(0.3);
      expect(Math.abs(reply!.llh! - prototype)).toBeLessThan(0.002);
    },
  );

  test.each(events)("$file: a blind SPE search ends within 0.2 degrees of the recorded SPE fit", async ({ file, hits }) => {
    const event = await openEvent(file);
    await using native = await startOn(recoEvent(event), ["--model", "spe", "--hits", hits]);
    expect(separationDeg(await searchBlindly(native), recordedSpe(event))).toBeLessThan(0.2);
  });

  test("MPE: the recorded best fit is a minimum here too, to 0.15 degrees", async () => {
    const event = await openEvent(bronze);
    const recorded = event.recorded["OnlineL2_BestFit"]!;
    await using native = await startOn(recoEvent(event), ["--model", "mpe"]);
    expect(separationDeg(await descend(native, recorded), recorded)).toBeLessThan(0.15);
  });

  test("MPE: a blind search finds the valley of the minimum", async () => {
    const event = await openEvent(bronze);
    await using native = await startOn(recoEvent(event), ["--model", "mpe"]);
    const best = await searchBlindly(native);
    const { raRad, decRad } = createSkyFrame(event.metadata.mjd).dirToEqua(best.zenithRad, best.azimuthRad);
    expect(best.llh).toBeLessThan(823.1);
    expect((raRad * 180) / Math.PI).toBeGreaterThan(46.9);
    expect((raRad * 180) / Math.PI).toBeLessThan(49.1);
    expect((decRad * 180) / Math.PI).toBeGreaterThan(-3.7);
    expect((decRad * 180) / Math.PI).toBeLessThan(-3.2);
  });

  test.each(events)(
    "$file: five starts find what nine find in 98 % of the directions near the SPE minimum",
    async ({ file, hits }) => {
      const event = await openEvent(file);
      const { zenithRad, azimuthRad, llh } = recordedSpe(event);
      const around = Array.from({ length: 400 }, (_, i) => ({
        zenithRad: zenithRad + 0.2 * Math.sqrt((i + 0.5) / 400) * Math.cos(i * 2.4),
        azimuthRad: azimuthRad + (0.2 * Math.sqrt((i + 0.5) / 400) * Math.sin(i * 2.4)) / Math.sin(zenithRad),
      }));
      await using five = await startOn(recoEvent(event), ["--model", "spe", "--hits", hits]);
      await using nine = await startOn(recoEvent(event), [
        "--model",
        "spe",
        "--hits",
        hits,
        "--starts",
        "9",
        "--tolerance",
        "1e-6",
      ]);
      const [got, reference] = await Promise.all([fitAll(five, around), fitAll(nine, around)]);
      const near = reference
        .map((reply, i) => ({ wanted: reply.llh!, got: got[i]!.llh! }))
        .filter(({ wanted }) => wanted < llh + 25);
      expect(near.length).toBeGreaterThan(20);
      expect(near.filter((pair) => pair.got <= pair.wanted + 0.1).length / near.length).toBeGreaterThanOrEqual(0.98);
    },
  );

  test("an MPE fit of 133 hits takes no more than 3 ms of CPU", async () => {
    const event = await openEvent(bronze);
    const { zenithRad, azimuthRad } = recordedSpe(event);
    await using native = await startOn(recoEvent(event), ["--model", "mpe"]);
    const directions = Array.from({ length: 400 }, (_, i) => ({
      zenithRad: zenithRad + 0.05 * Math.sin(i * 0.7),
      azimuthRad: azimuthRad + 0.05 * Math.cos(i * 1.3),
    }));
    const before = cpuMs(native.pid);
    await fitAll(native, directions);
    expect((cpuMs(native.pid) - before) / directions.length).toBeLessThan(3);
  });
});

/** User time of a process, in the kernel's ticks of 10 ms. */
function cpuMs(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]!.split(" ");
  return Number(fields[11]) * 10;
}
