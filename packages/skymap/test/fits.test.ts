import { describe, expect, it } from "vitest";
import { encodeFitsHeader } from "../src/extras/fits-header.ts";
import { encodeFitsTable } from "../src/extras/fits-table.ts";

const cardsOf = (bytes: Uint8Array): string[] => Buffer.from(bytes).toString("latin1").match(/.{80}/gs)!;

describe("FITS headers", () => {
  it("have cards of 80 characters, fixed format, in blocks of 2880 bytes", () => {
    const header = encodeFitsHeader([
      ["NSIDE", 512],
      ["EQUINOX", { float: 2000 }],
      ["TINY", { float: 1e-7 }, "a comment"],
      ["FLAG", true],
      ["NAME", "it's é"],
      ["NOTHING", undefined],
      ["ABSENT", { float: NaN }],
      ["RA_ERR_PLUS_50", { float: 0.25 }, "[deg]"],
    ]);
    expect(header.length).toBe(2880);
    expect(
      cardsOf(header)
        .map((card) => card.trimEnd())
        .filter(Boolean),
    ).toEqual([
      "NSIDE   =                  512",
      "EQUINOX =               2000.0",
      "TINY    =               1.0E-7 / a comment",
      "FLAG    =                    T",
      "NAME    = 'it''s ? '",
      "HIERARCH RA_ERR_PLUS_50 = 0.25 / [deg]",
      "END",
    ]);
  });

  it("continue long strings, and never part a doubled quote", () => {
    for (let length = 60; length < 80; length++) {
      const text = `${"x".repeat(length)}'${"y".repeat(90)}`;
      const cards = cardsOf(encodeFitsHeader([["RECOOPTS", text]])).filter((card) => /^(RECOOPTS|CONTINUE)/.test(card));
      const values = cards.map((card) => /'((?:[^']|'')*)'\s*$/.exec(card)![1]!.replaceAll("''", "'"));
      expect(values.map((value, k) => (k < values.length - 1 ? value.replace(/&$/, "") : value)).join("")).toBe(text);
    }
  });
});

describe("FITS tables", () => {
  it("are big-endian, exact beyond 32 bits, padded to blocks", () => {
    const bytes = encodeFitsTable(
      [
        { name: "UNIQ", type: "int64", values: Float64Array.of(2 ** 40 + 5, 7) },
        { name: "VALUE", type: "float64", unit: "sr-1", values: Float64Array.of(0.1, -Infinity) },
      ],
      [],
    );
    expect(bytes.length % 2880).toBe(0);
    const view = new DataView(bytes.buffer, bytes.byteOffset + 2 * 2880);
    expect([view.getBigInt64(0), view.getFloat64(8), view.getBigInt64(16), view.getFloat64(24)]).toEqual([
      2n ** 40n + 5n,
      0.1,
      7n,
      -Infinity,
    ]);
    const single = encodeFitsTable([{ name: "PROB", type: "float64", values: Float64Array.of(0.25, 3) }], []);
    expect(new DataView(single.buffer, single.byteOffset + 2 * 2880).getFloat64(8)).toBe(3);
    expect(() =>
      encodeFitsTable(
        [
          { name: "A", type: "float64", values: new Float64Array(1) },
          { name: "B", type: "float64", values: new Float64Array(2) },
        ],
        [],
      ),
    ).toThrow(RangeError);
  });
});
