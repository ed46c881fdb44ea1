// The program that prepares frames inside the image (resources/recos/icetray), run for real against a stand-in for the images' Python (test/icetray-stand-in).
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { packedFrames, openFrame } from "@skyscan/icecube";
import { readManifest, runPrepare } from "@skyscan/recos";
import { repositoryPath } from "@skyscan/testing";
import { algorithm, createAdapterBench, warm } from "./adapter-bench.ts";
import type { AdapterBench } from "./adapter-bench.ts";

let on: AdapterBench;
beforeAll(async () => {
  on = await createAdapterBench();
});
afterAll(() => on.dispose());

describe("prepare", () => {
  test.each(["3.4.0", "3.21.0", "3.22.1", "4.2.1"] as const)(
    "gives frames, seed and the image's release, whatever the shape of its code: %s",
    async (release) => {
      const made = await on.prepared(readManifest(warm("millipede_original")), release);
      expect(made).toMatchObject({
        seed: { xM: 22.11, yM: 509.5, zM: 198.29, timeNs: 30000, energyGeV: null },
        baseline_GCD_file: join(on.gcdDir, "baseline_gcd_0.i3"),
        "x-icetray": { skymapScanner: release, algorithm: "millipede_original", realtimeFormatVersion: "2021a" },
      });
      const packed = packedFrames((made.GCDQp_packet as { frames: never }).frames);
      expect(packed.map(([stream]) => stream)).toEqual(["G", "C", "D", "Q", "p"]);
      const keys = openFrame(packed[4]!).frame.objects.map(({ key }) => key);
      expect(keys).toEqual(expect.arrayContaining(["I3EventHeader", "SplitUncleanedInIcePulsesHLC", "HESE_VHESelfVeto"]));
    },
  );

  test("says what it found where the image is another, or none", async () => {
    const unknown = await on.changed("millipede_original", algorithm("nosuch"));
    await expect(on.prepared(unknown, "3.22.1")).rejects.toMatchObject({
      code: "prepare-failed",
      message: expect.stringMatching(/no such algorithm; it has .*millipede_original/) as string,
    });
    const scratchDir = join(on.directory, "no-image");
    const reco = readManifest(warm("millipede_original"));
    const environment = {
      ...on.environmentOf("3.22.1"),
      SKYSCAN_ICETRAY_SHELL: repositoryPath("test/icetray-stand-in/nowhere.sh"),
    };
    const options = { reco, eventFile: on.event, isRealEvent: false, gcdDir: on.gcdDir, scratchDir, environment };
    await expect(runPrepare(options)).rejects.toMatchObject({ message: expect.stringContaining("nowhere.sh") as string });
  });

  test("reads an event in a pickle as data: what would call something is refused", async () => {
    const bad = join(on.directory, "bad.pkl");
    await writeFile(bad, Buffer.from("\x80\x03cos\nsystem\nX\x04\x00\x00\x00true\x85R.", "latin1"));
    const scratchDir = join(on.directory, "bad-pickle");
    const reco = readManifest(warm("millipede_original"));
    const options = {
      reco,
      eventFile: bad,
      isRealEvent: false,
      gcdDir: on.gcdDir,
      scratchDir,
      environment: on.environmentOf("3.22.1"),
    };
    await expect(runPrepare(options)).rejects.toMatchObject({
      message: expect.stringMatching(/holds plain data, this one names \w+.system/) as string,
    });
  });
});
