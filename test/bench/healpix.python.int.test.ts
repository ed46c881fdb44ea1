// `npm run bench:healpix` in the small: that it measures, and that both sides answer the same. Needs a Python with healpy (SKYSCAN_TEST_PYTHON).
import { spawnSync } from "node:child_process";
import { skipReason } from "@skyscan/testing";
import { describe, expect, it } from "vitest";
import { runBenchmark } from "./bench-process.ts";

const python = process.env["SKYSCAN_TEST_PYTHON"] ?? "python3";
const imports = spawnSync(python, ["-W", "ignore", "-c", "import healpy"], { encoding: "utf8" });
const missing = skipReason("python", imports.status === 0 ? undefined : `${python} cannot import healpy`);

describe.skipIf(missing !== undefined)("bench:healpix", () => {
  it("measures six operations against healpy, which gives the same answers", () => {
    const { rows } = runBenchmark("healpix", ...["--nsides", "4,512", "--inputs", "3000", "--repetitions", "1"]);
    const names = ["ang2pix", "pix2ang", "neighbours", "disc", "ring2nest", "nest2ring"];
    expect(rows.map((row) => [row["case"], row["nside"]])).toEqual(
      [4, 512].flatMap((nside) => names.map((name) => [name, nside])),
    );
    for (const { ofHealpy } of rows) expect((ofHealpy as { median: number }).median).toBeGreaterThan(0);
    expect(rows.map(({ atLeast }) => atLeast)).toEqual([...Array<null>(6).fill(null), 1, 1, 1, 1, null, null]);
  });
});
