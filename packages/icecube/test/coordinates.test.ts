import { dataMissing } from "@skyscan/testing";
import { describe, expect, it } from "vitest";
import { createSkyFrame, dirToEqua, equaToDir, IceCubeError } from "../src/index.ts";
import { json } from "./real-files.ts";

interface Vector {
  ra: number;
  dec: number;
  mjd: number;
  zenith: number;
  azimuth: number;
}

const unit = (zenith: number, azimuth: number): [number, number, number] => [
  Math.sin(zenith) * Math.cos(azimuth),
  Math.sin(zenith) * Math.sin(azimuth),
  Math.cos(zenith),
];
function offsetArcsec({ ra, dec, mjd, zenith, azimuth }: Vector): number {
  const found = equaToDir(ra, dec, mjd);
  const [a, b] = [unit(found.zenithRad, found.azimuthRad), unit(zenith, azimuth)];
  return (Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]) * 648000) / Math.PI;
}

// Made with Starlink PAL over ERFA, as IceCube's astro.equa_to_dir.
const examples: Vector[] = [
  { ra: 0, dec: 0, mjd: 59723.32051140454, zenith: 1.5728862491064888, azimuth: 1.5183165926721793 },
  { ra: 1, dec: 0.5, mjd: 60280.714167746, zenith: 2.072180864270992, azimuth: 0.012565811221213252 },
  { ra: 3, dec: -0.5, mjd: 57517.62789262638, zenith: 1.0692394952723934, azimuth: 0.20600519384039728 },
  {
    ra: 0.78539816339744828,
    dec: 0.72972765622696634,
    mjd: 59754.67588432013,
    zenith: 2.3019524088124008,
    azimuth: 3.5037990900133913,
  },
];

describe("detector coordinates", () => {
  it("agree with astro.equa_to_dir to 4 mas", () => {
    for (const example of examples) expect(offsetArcsec(example)).toBeLessThan(0.004);
  });

  it.skipIf(dataMissing !== undefined)("agree with it to 4 mas on 300 directions between 2011 and 2026", () => {
    const vectors = json("vectors/equa_to_dir.json") as Vector[];
    expect(vectors).toHaveLength(300);
    for (const vector of vectors) expect(offsetArcsec(vector)).toBeLessThan(0.004);
  });

  it("are turned back into the same place in the sky", () => {
    const sky = createSkyFrame(59723.32);
    for (let i = 0; i < 200; i++) {
      const ra = (i * 2.399963) % (2 * Math.PI);
      const dec = Math.asin(-0.995 + i / 100.5);
      const { zenithRad, azimuthRad } = sky.equaToDir(ra, dec);
      const back = sky.dirToEqua(zenithRad, azimuthRad);
      expect(Math.abs(Math.sin(back.raRad - ra)) * Math.cos(dec)).toBeLessThan(1e-14);
      expect(Math.abs(back.decRad - dec)).toBeLessThan(1e-14);
      expect(azimuthRad).toBeGreaterThanOrEqual(0);
      expect(azimuthRad).toBeLessThan(2 * Math.PI);
    }
    expect(dirToEqua(1, 2, 59723.32)).toEqual(sky.dirToEqua(1, 2));
  });

  it("hold where light passes the Sun, and at the poles", () => {
    const sky = createSkyFrame(59723.32);
    for (const dec of [-Math.PI / 2, Math.PI / 2]) {
      const { zenithRad, azimuthRad } = sky.equaToDir(1, dec);
      expect(Math.abs(sky.dirToEqua(zenithRad, azimuthRad).decRad - dec)).toBeLessThan(1e-7);
    }
    // The Sun on 2022-05-24 was near ra 61.2°, dec 20.8°.
    for (let i = 0; i < 50; i++) {
      const [ra, dec] = [(60.2 + i / 25) * (Math.PI / 180), 20.8 * (Math.PI / 180)];
      const { zenithRad, azimuthRad } = sky.equaToDir(ra, dec);
      const back = sky.dirToEqua(zenithRad, azimuthRad);
      expect(Math.hypot(back.raRad - ra, back.decRad - dec)).toBeLessThan(1e-9);
    }
  });

  it("refuse a time outside the range of the series", () => {
    for (const mjd of [NaN, 0, 2459723.5]) expect(() => createSkyFrame(mjd)).toThrow(IceCubeError);
  });
});
