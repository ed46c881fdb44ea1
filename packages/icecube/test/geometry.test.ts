import { dataMissing, dataPath } from "@skyscan/testing";
import { describe, expect, it } from "vitest";
import {
  createGeometry,
  geometryByName,
  hexagon,
  icecube86,
  loadGeometry,
  parseGeometryCsv,
  readGeometryCsv,
} from "../src/index.ts";

describe("geometry", () => {
  it("icecube86 has 86 strings of 60 modules", () => {
    const geometry = icecube86();
    expect(geometry.doms).toHaveLength(5160);
    expect(geometry.dom(78, 19)).toEqual({ string: 78, om: 19, xM: 22.11, yM: 509.5, zM: 198.29 });
    expect(geometry.dom(86, 60)).toBeDefined();
    expect(geometry.dom(1, 61)).toBeUndefined();
    expect(geometry.dom(87, 1)).toBeUndefined();
  });

  it.skipIf(dataMissing !== undefined)("icecube86 is the detector's table, to the last digit", async () => {
    const table = await readGeometryCsv(dataPath("geometry/icecube86_geo.csv"));
    expect(icecube86().doms).toEqual(table.doms);
  });

  it("a hexagon is made again from its name", () => {
    const geometry = hexagon({ rings: 2, stringSpacingM: 100, modulesPerString: 10, moduleSpacingM: 20 });
    expect(geometry.doms).toHaveLength(190);
    expect(geometryByName(geometry.name).doms).toEqual(geometry.doms);
    expect(geometry.dom(10, 1)).toEqual({ string: 10, om: 1, xM: 0, yM: 0, zM: 90 });
    const nearest = geometry.doms.filter(({ string, om }) => om === 1 && string !== 10).map(({ xM, yM }) => Math.hypot(xM, yM));
    expect(Math.min(...nearest)).toBeCloseTo(100, 9);
    expect(geometryByName("hexagon").doms).toHaveLength(61 * 60);
  });

  it("a table may have its columns in any order", () => {
    const geometry = parseGeometryCsv("om,string,z,y,x\n1,2,30,20,10\r\n\n");
    expect(geometry.doms).toEqual([{ string: 2, om: 1, xM: 10, yM: 20, zM: 30 }]);
  });

  it("errors name the line, the module, and what there is", async () => {
    expect(() => parseGeometryCsv("string,om,x,y\n")).toThrow(/columns string, om, x, y, z/);
    expect(() => parseGeometryCsv("string,om,x,y,z\n1,1,0,0,0\n1,2,0,,0\n")).toThrow(/line 3/);
    expect(() => parseGeometryCsv("string,om,x,y,z\n1,1,0,0,0\n1,1,0,0,0\n")).toThrow(/\(1,1\) is there twice/);
    expect(() => createGeometry("mine", [{ string: 1, om: 1, xM: NaN, yM: 0, zM: 0 }])).toThrow(/no finite position/);
    expect(() => geometryByName("icecube87")).toThrow(/icecube86, hexagon/);
    await expect(loadGeometry("/no/such/table.csv")).rejects.toMatchObject({ name: "IceCubeError", code: "io" });
    await expect(readGeometryCsv("/")).rejects.toMatchObject({ code: "io" });
  });
});
