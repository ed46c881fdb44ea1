// Starts processes: a Python with numpy and icecube-skyreader==1.6.3 (SKYSCAN_TEST_PYTHON, else python3).
import { execFile, spawnSync } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { skipReason } from "@skyscan/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  bestFit,
  createSkymap,
  decodeJson,
  decodeNpz,
  encodeJson,
  encodeNpz,
  writeSkymapFiles,
  type Skymap,
} from "../src/index.ts";
import { readZip } from "../src/files/zip-read.ts";
import { level, withValue } from "./sample.ts";

const python = process.env["SKYSCAN_TEST_PYTHON"] ?? "python3";
const imports = spawnSync(python, ["-W", "ignore", "-c", "import numpy, skyreader"], { encoding: "utf8" });
const missing = skipReason(
  "python",
  imports.status === 0
    ? undefined
    : `${python} cannot import numpy and skyreader: ${(imports.error?.message ?? imports.stderr).trim().split("\n").at(-1) ?? ""}`,
);

interface Answer {
  members: { name: string; dtype: [string, string][]; columns: Record<string, string> }[];
  header: unknown[][];
  event: string;
  equal: boolean;
  close: boolean;
  best: { nside: number; pixel: number; llh: number; direction: [number, number] } | null;
  npz: string;
  json: string;
}

const hard = [0, -0, 1, 1e-4, 9.999e-5, 1e-7, 5e-324, 1e15, 1e16, 123456789012345680, 1e22, 1.7976931348623157e308, 0.1 + 0.2];

/** Nsides out of order, numbers that are hard to print, no NaN. */
function whole(): Skymap {
  let skymap = createSkymap([
    level(8, [...hard.keys(), 100, 767]),
    level(512, [22946, 22947, 22950], [912.125, 911.5, 911.5], { complete: false }),
    level(64, [1, 2], [950, 940]),
  ]);
  hard.forEach((value, row) => {
    skymap = withValue(withValue(skymap, 8, "T", row, value), 8, "E_in", row, -value);
  });
  return skymap;
}

const results: [string, () => Skymap][] = [
  ["without NaN", whole],
  ["with failed fits", () => withValue(withValue(withValue(whole(), 8, "llh", 2, NaN), 512, "E_tot", 0, NaN), 8, "X", 1, NaN)],
];

describe.skipIf(missing !== undefined)(
  `numpy and skyreader read our results${missing === undefined ? "" : ` (skipped: ${missing})`}`,
  () => {
    describe.each(results)("%s", (name, make) => {
      const skymap = make();
      const event = "run00136662.evt000035405932.neutrino";
      let directory: string;
      let written: { npz: string; json: string };
      let answer: Answer;
      beforeAll(async () => {
        directory = await mkdtemp(join(tmpdir(), "skyreader-"));
        written = await writeSkymapFiles(directory, skymap, event);
        const output = await mkdtemp(join(directory, "again-"));
        const script = fileURLToPath(new URL("python/read-and-rewrite.py", import.meta.url));
        const { stdout } = await promisify(execFile)(python, ["-W", "ignore", script, written.npz, written.json, output]);
        answer = JSON.parse(stdout) as Answer;
      });
      afterAll(() => rm(directory, { recursive: true, force: true }));

      it("numpy.load, without pickle, gives the members, types and every bit of the columns", () => {
        expect(answer.members.map((member) => member.name)).toEqual(["header", "nside-8", "nside-512", "nside-64"]);
        expect(answer.members[0]!.dtype).toEqual([
          ["nside", "<i8"],
          ["complete", "|b1"],
          ["run_id", "<i8"],
          ["event_id", "<i8"],
          ["event_type", "<U8"],
          ["mjd", "<f8"],
          ["is_real_event", "|b1"],
          ["version", "<i8"],
        ]);
        expect(answer.header).toEqual(
          skymap.levels.map((l) => [l.nside, l.nside !== 512, 136662, 35405932, "neutrino", 59723.32051140454, true, 1]),
        );
        skymap.levels.forEach((l, k) => {
          const { dtype, columns } = answer.members[k + 1]!;
          expect(dtype).toEqual(Object.keys(l.columns).map((column) => [column, column === "index" ? "<i8" : "<f8"]));
          for (const [column, values] of Object.entries(l.columns)) {
            const read = Buffer.from(columns[column]!, "base64");
            expect(Buffer.compare(read, Buffer.from(values.buffer, values.byteOffset, values.byteLength)), column).toBe(0);
          }
        });
      });

      it("skyreader reads the same result from npz and json, with the event", () => {
        expect(answer).toMatchObject({ event, close: true });
      });

      it("skyreader writes that result with our bytes: json whole, npz in every member; and we read it as ours", async () => {
        expect([basename(answer.npz), basename(answer.json)]).toEqual([basename(written.npz), basename(written.json)]);
        const json = await readFile(answer.json);
        expect(Buffer.compare(json, await readFile(written.json))).toBe(0);
        expect(Buffer.compare(encodeJson(decodeJson(json)), json)).toBe(0);
        const npz = await readFile(answer.npz);
        expect(readZip(npz, 1e6)).toEqual(readZip(await readFile(written.npz), 1e6));
        expect(Buffer.compare(encodeNpz(decodeNpz(npz)), await readFile(written.npz))).toBe(0);
        expect(decodeNpz(npz)).toEqual(skymap);
      });

      it("skyreader's best fit is ours, where skyreader can tell it", () => {
        const ours = bestFit(skymap)!;
        expect(ours).toMatchObject({ nside: 512, pixel: 22947, llh: 911.5 });
        if (name === "without NaN") {
          expect(answer.equal).toBe(true);
          expect(answer.best).toMatchObject({ nside: ours.nside, pixel: ours.pixel, llh: ours.llh });
          expect(answer.best!.direction[0]).toBeCloseTo(ours.raRad, 14);
          expect(answer.best!.direction[1]).toBeCloseTo(ours.decRad, 14);
        }
      });
    });
  },
);
