import { deflateRawSync, crc32 } from "node:zlib";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeJson, decodeNpz, encodeJson, encodeNpz, SkymapError } from "../src/index.ts";
import { readZip } from "../src/files/zip-read.ts";
import { storedMember, zipChunks } from "../src/files/zip-write.ts";

const writeZip = (members: readonly { readonly name: string; readonly data: Uint8Array }[]): Uint8Array =>
  Buffer.concat([...zipChunks(members.map(({ name, data }) => storedMember(name, data)))]);
import { sample } from "./sample.ts";

const npz = Buffer.from(encodeNpz(sample()));
const limit = 1 << 20;

/** An archive of one deflated member, as `numpy.savez_compressed` makes them. */
function deflatedZip(name: string, data: Uint8Array, claimed: number = data.length): Buffer {
  const packed = deflateRawSync(data);
  const local = Buffer.alloc(30);
  local.writeUInt32LE(0x04034b50, 0);
  local.writeUInt16LE(8, 8);
  local.writeUInt16LE(name.length, 26);
  const central = Buffer.alloc(46);
  central.writeUInt32LE(0x02014b50, 0);
  central.writeUInt16LE(8, 10);
  central.writeUInt32LE(crc32(data), 16);
  central.writeUInt32LE(packed.length, 20);
  central.writeUInt32LE(claimed, 24);
  central.writeUInt16LE(name.length, 28);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(1, 8);
  end.writeUInt16LE(1, 10);
  end.writeUInt32LE(46 + name.length, 12);
  end.writeUInt32LE(30 + name.length + packed.length, 16);
  return Buffer.concat([local, Buffer.from(name), packed, central, Buffer.from(name), end]);
}

const npyOf = (header: string, data: Uint8Array = new Uint8Array(0)): Uint8Array => {
  const text = `${header}\n`;
  const prefix = Buffer.from([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, text.length & 255, text.length >> 8]);
  return Buffer.concat([prefix, Buffer.from(text), data]);
};
const codeOf = (f: () => unknown): string => {
  try {
    f();
  } catch (error) {
    if (error instanceof SkymapError) return error.code;
    throw error;
  }
  return "accepted";
};

describe("damaged and hostile npz", () => {
  it("cut off anywhere is refused, never half read", () => {
    for (let length = 0; length < npz.length; length++) expect(codeOf(() => decodeNpz(npz.subarray(0, length)))).toBe("garbled");
  });

  it("with any byte changed is refused or reads as the same result, and never throws anything else", () => {
    for (let at = 0; at < npz.length; at++) {
      const damaged = Buffer.from(npz);
      damaged[at] = damaged[at]! ^ 0x55;
      let result: unknown;
      const code = codeOf(() => (result = decodeNpz(damaged, { maxBytes: limit })));
      // Dates, versions and attributes of the container carry nothing of the result.
      if (code === "accepted") expect(result).toEqual(sample());
    }
  });

  it("that is random bytes is refused", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.boolean(), (bytes, withEnd) => {
        const tail = withEnd ? npz.subarray(npz.length - 22) : new Uint8Array(0);
        expect(codeOf(() => decodeNpz(Buffer.concat([bytes, tail])))).not.toBe("accepted");
      }),
    );
  });

  it("that would unpack beyond the limit is refused before anything is unpacked, also when it lies about its size", () => {
    const zeros = new Uint8Array(10 * limit);
    expect(codeOf(() => readZip(deflatedZip("a", zeros), limit))).toBe("too-large");
    expect(codeOf(() => readZip(deflatedZip("a", zeros, 100), limit))).toBe("garbled");
    expect(codeOf(() => readZip(deflatedZip("a", new Uint8Array(10), 100), limit))).toBe("garbled");
  });

  it("deflated members and archive comments are read", () => {
    const data = Buffer.from("some bytes, some bytes, some bytes");
    const zip = deflatedZip("a.npy", data);
    expect(readZip(zip, limit)).toEqual([{ name: "a.npy", data }]);
    zip.writeUInt16LE(7, zip.length - 2);
    expect(readZip(Buffer.concat([zip, Buffer.from("comment")]), limit)).toHaveLength(1);
  });

  it("a member twice is refused", () => {
    const member = { name: "nside-1.npy", data: new Uint8Array(3) };
    expect(codeOf(() => readZip(writeZip([member, member]), limit))).toBe("garbled");
  });

  const good = "('index', '<i8'), ('llh', '<f8'), ('E_in', '<f8'), ('E_tot', '<f8')";
  const row = new Uint8Array(32);
  const table = (descr: string, shape: string): string => `{'descr': [${descr}], 'fortran_order': False, 'shape': ${shape}, }`;
  it.each([
    ["a good table, for comparison", "accepted", npyOf(table(good, "(1,)"), row)],
    ["no npy", "garbled", Buffer.from("not an npy at all")],
    ["fewer rows than announced", "garbled", npyOf(table(good, "(2,)"), row)],
    ["rows without end announced", "garbled", npyOf(table(good, "(999999999999999,)"), row)],
    ["a negative length", "invalid", npyOf(table(good, "(-1,)"), row)],
    ["two dimensions", "invalid", npyOf(table(good, "(1, 1)"), row)],
    ["objects, which are pickled", "invalid", npyOf(table("('index', '|O')", "(1,)"), row)],
    ["an array without fields", "invalid", npyOf("{'descr': '<f8', 'fortran_order': False, 'shape': (4,), }", row)],
    [
      "other columns",
      "invalid",
      npyOf(table("('pixel', '<i8'), ('llh', '<f8'), ('E_in', '<f8'), ('E_tot', '<f8')", "(1,)"), row),
    ],
    ["a header that is no literal", "garbled", npyOf("__import__('os').system('true')", row)],
    ["a header nested without end", "garbled", npyOf("[".repeat(60000), row)],
    [
      "as many rows of no bytes as it likes",
      "invalid",
      npyOf(table(good.replaceAll(/<[if]8/g, "<U0"), "(999999999999999,)"), row),
    ],
  ])("a member with %s: %s", (_what, code, member) => {
    expect(codeOf(() => decodeNpz(writeZip([{ name: "nside-1.npy", data: member }])))).toBe(code);
  });

  it("the error names the member", () => {
    expect(() => decodeNpz(writeZip([{ name: "nside-1.npy", data: new Uint8Array(20) }]))).toThrow(/nside-1\.npy/);
    expect(() => decodeNpz(writeZip([{ name: "evil.npy", data: new Uint8Array(20) }]))).toThrow(/evil\.npy/);
  });

  it("big-endian numbers are read, as numpy on such machines writes them", () => {
    const big = Buffer.alloc(32);
    big.writeBigInt64BE(7n, 0);
    big.writeDoubleBE(1.5, 8);
    const npy = npyOf(table(good.replaceAll("<", ">"), "(1,)"), big);
    const { columns } = decodeNpz(writeZip([{ name: "nside-1.npy", data: npy }])).levels[0]!;
    expect([columns.index[0], columns.llh[0]]).toEqual([7, 1.5]);
  });
});

describe("damaged and hostile json", () => {
  const text = Buffer.from(encodeJson(sample())).toString();

  it("cut off anywhere is refused as damaged", () => {
    for (let length = 0; length < text.length; length += 7)
      expect(codeOf(() => decodeJson(text.slice(0, length)))).toBe("garbled");
  });

  it.each([
    ["another kind of object", "{}".replace("{}", '{"a": 1}'), "invalid"],
    ["a list", "[]", "invalid"],
    ["an extra key", text.replace('"columns"', '"more": 1, "columns"'), "invalid"],
    ["wrong columns", text.replace('"llh"', '"LLH"'), "invalid"],
    ["an nside that is not its key's", text.replace('"nside": 1', '"nside": 2'), "invalid"],
    ["no nside", text.replace('"nside": 1,', ""), "invalid"],
    ["a text for a number", text.replace("1000.0", '"1000"'), "invalid"],
    ["a null for a number", text.replace("1000.0", "null"), "invalid"],
    ["a row too short", text.replace(/\n +1000\.0,/, ""), "invalid"],
    ["a format of the future", text.replaceAll('"version": 1', '"version": 2'), "invalid"],
    ["a run id that is no number", text.replaceAll("136662", '"136662"'), "invalid"],
    ["nesting without end", "[".repeat(1e6), "garbled"],
    ["columns nested without end", text.replace('"index"', `${"[".repeat(1e5)}${"]".repeat(1e5)}`), "invalid"],
    ["a column that is no text in disguise", text.replace('"index"', '{"toString": 1}'), "invalid"],
    ["a value nested without end", text.replace("1000.0", `${"[".repeat(1e5)}${"]".repeat(1e5)}`), "invalid"],
    ["metadata nested without end", text.replaceAll("136662", `${"[".repeat(1e5)}${"]".repeat(1e5)}`), "invalid"],
    ["an event type that leaves the directory", text.replaceAll('"neutrino"', '"/../../x"'), "invalid"],
    ["a text with many quotes that breaks off", `{"a": NaN, "b": "${'\\"'.repeat(500_000)}`, "garbled"],
  ])("with %s is refused as %3$s", (_what, json, code) => {
    expect(codeOf(() => decodeJson(json))).toBe(code);
  });

  it("bare NaN and Infinity are read as numbers, and left alone inside texts", () => {
    const bare = text
      .replace('"<skyreader.nan>"', "NaN")
      .replace("1000.0", "Infinity")
      .replace("1001.0", "-Infinity")
      .replaceAll("neutrino", "NaN Infinity");
    const skymap = decodeJson(bare);
    expect([...skymap.levels[0]!.columns.llh.subarray(0, 2)]).toEqual([Infinity, -Infinity]);
    expect(skymap.levels[1]!.columns.llh[1]).toBeNaN();
    expect(skymap.levels[0]!.metadata!.eventType).toBe("NaN Infinity");
  });

  it("rows may be in any order", () => {
    const whole = JSON.parse(text) as Record<string, { data: unknown[] }>;
    whole["nside-1"]!.data.reverse();
    expect(decodeJson(JSON.stringify(whole))).toEqual(sample());
  });
});
