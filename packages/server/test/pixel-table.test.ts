import { describe, expect, test } from "vitest";
import { createPixelTable, unitState } from "../src/sky/pixel-table.ts";
import type { PixelTable } from "../src/sky/pixel-table.ts";
import type { ColumnValues } from "@skyscan/skymap";
import { fit, planOf } from "./stand-ins.ts";

function tableOf(nside: number, posvars: number, pixels: readonly number[]): PixelTable {
  const table = createPixelTable(nside, posvars);
  const plan = planOf(nside, pixels);
  table.add(plan.pixels, plan.sourceNsides, plan.sourcePixels);
  return table;
}

const orders = [
  [0, 1, 2],
  [0, 2, 1],
  [1, 0, 2],
  [1, 2, 0],
  [2, 0, 1],
  [2, 1, 0],
] as const;

describe("the best variation of a pixel", () => {
  test.each(orders)("is the lowest llh, whatever the order of arrival (%i %i %i)", (...order) => {
    const table = tableOf(1, 3, [7]);
    const llhs = [30, 10, 20];
    for (const posvar of order) table.settle(0, posvar, fit(llhs[posvar]!));
    expect(table.bestAt(0)).toEqual(fit(10));
  });

  test.each(orders)("is never NaN while another succeeded (%i %i %i)", (...order) => {
    const table = tableOf(1, 3, [7]);
    const llhs = [NaN, 1e9, NaN];
    for (const posvar of order) table.settle(0, posvar, fit(llhs[posvar]!));
    expect(table.bestAt(0)).toEqual(fit(1e9));
  });

  test.each(orders)("ties go to the lowest variation (%i %i %i)", (...order) => {
    const table = tableOf(1, 3, [7]);
    for (const posvar of order) table.settle(0, posvar, { ...fit(5), x: posvar });
    expect(table.bestAt(0).x).toBe(0);
  });

  test("is not known before every variation is final", () => {
    const table = tableOf(1, 2, [7]);
    table.settle(0, 0, fit(5));
    expect([table.complete(0), table.finalPixels, table.best]).toEqual([false, 0, undefined]);
    table.settle(0, 1, fit(6));
    expect([table.complete(0), table.finalPixels, table.best]).toEqual([true, 1, { pixel: 7, llh: 5 }]);
  });

  test.each([255, 256, 300])("is known when all of %i are final", (posvars) => {
    const table = tableOf(1, posvars, [7]);
    for (let posvar = 0; posvar < posvars - 1; posvar += 1) table.settle(0, posvar, fit(1000 - posvar));
    expect(table.complete(0)).toBe(false);
    table.settle(0, posvars - 1, fit(1));
    expect(table.best).toEqual({ pixel: 7, llh: 1 });
  });

  test("is NaN when every variation failed, and the pixel is complete all the same", () => {
    const table = tableOf(1, 2, [7]);
    table.settle(0, 0, undefined);
    table.settle(0, 1, fit(NaN));
    expect(table.complete(0)).toBe(true);
    expect(table.llhAt(0)).toBeNaN();
    expect([table.stateOf(0, 0), table.stateOf(0, 1)]).toEqual([unitState.failed, unitState.done]);
    expect([table.finalUnits, table.failedUnits, table.best]).toEqual([2, 1, undefined]);
  });
});

describe("the best pixel of an nside", () => {
  test("is never NaN, even when a NaN pixel was the first", () => {
    const table = tableOf(1, 1, [0, 1]);
    table.settle(0, 0, fit(NaN));
    table.settle(1, 0, fit(1e12));
    expect(table.best).toEqual({ pixel: 1, llh: 1e12 });
  });

  test("ties go to the lowest pixel, whatever the order of planning and of arrival", () => {
    const table = tableOf(1, 1, [9, 4, 6]);
    for (const row of [0, 2, 1]) table.settle(row, 0, fit(3));
    expect(table.best).toEqual({ pixel: 4, llh: 3 });
  });

  test("minus infinity is a value", () => {
    const table = tableOf(1, 1, [0, 1]);
    table.settle(0, 0, fit(-Infinity));
    table.settle(1, 0, fit(0));
    expect(table.best).toEqual({ pixel: 0, llh: -Infinity });
  });
});

describe("rows", () => {
  test.each([
    [8, [700, 3, 767]],
    // 12 x 2048^2 pixels: beyond the dense index, and beyond 2^32 at the last one.
    [2048, [0, 50_331_647, 12_345_678]],
    [2 ** 20, [12 * 4 ** 20 - 1, 2 ** 33 + 1, 0]],
  ])("nside %i: pixels are found in the order of planning, and others are not", (nside, pixels) => {
    const table = tableOf(nside, 2, pixels);
    expect(pixels.map((pixel) => table.rowOf(pixel))).toEqual([0, 1, 2]);
    expect([0, 1, 2].map((row) => table.pixelAt(row))).toEqual(pixels);
    expect(table.rowOf(17)).toBe(-1);
  });

  test("a later plan keeps what is there", () => {
    const table = tableOf(8, 2, [5, 6]);
    table.settle(1, 1, fit(4));
    table.setState(0, 0, unitState.outstanding);
    const more = planOf(8, [9], { nside: 1, pixel: 3 });
    expect(table.add(more.pixels, more.sourceNsides, more.sourcePixels)).toBe(2);
    expect(table.stateOf(0, 0)).toBe(unitState.outstanding);
    expect(table.stateOf(1, 1)).toBe(unitState.done);
    expect(table.llhAt(1)).toBe(4);
    expect(table.llhAt(2)).toBeNaN();
    expect(table.sourceAt(0)).toBeUndefined();
    expect(table.sourceAt(2)).toEqual({ nside: 1, pixel: 3 });
    expect(table.rowOf(9)).toBe(2);
  });

  test("columns hold the complete pixels, ascending, as they were when asked for, whatever comes later", () => {
    const values = (column: ColumnValues): unknown[] =>
      Array.from({ length: column.length }, (_, position) => column.at(position));
    const table = tableOf(8, 1, [7, 6, 5]);
    table.settle(0, 0, fit(1));
    table.settle(2, 0, fit(NaN));
    const columns = table.completeColumns();
    table.settle(1, 0, fit(2));
    const more = planOf(8, [4, 8, 9, 10]);
    table.settle(table.add(more.pixels, more.sourceNsides, more.sourcePixels), 0, fit(3));
    expect(values(columns.index)).toEqual([5, 7]);
    expect(values(columns.llh)).toEqual([NaN, 1]);
    expect(values(columns.t)).toEqual([NaN, 7]);
    expect(values(table.completeColumns().index)).toEqual([4, 5, 6, 7]);
  });
});
