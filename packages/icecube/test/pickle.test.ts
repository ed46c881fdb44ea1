import { describe, expect, it } from "vitest";
import { parsePickle, PickleGlobal, PickleObject, PickleTuple } from "../src/index.ts";

const pickle = (text: string): Uint8Array => Buffer.from(text, "latin1");

describe("pickles are read as data", () => {
  it("plain values of protocol 3", () => {
    // pickle.dumps({"a": [1, -2, 2.5, None, True], "b": (), "c": "é"}, 3)
    const bytes = Buffer.from(
      "80037d71002858010000006171015d7102284b014afeffffff4740040000000000004e88655801000000627103295801000000637104580200" +
        "0000c3a97105752e",
      "hex",
    );
    expect(parsePickle(bytes)).toEqual(
      Object.assign(Object.create(null) as object, { a: [1, -2, 2.5, null, true], b: new PickleTuple([]), c: "é" }),
    );
  });

  it("what would be executed by Python stays a description", () => {
    const value = parsePickle(pickle("\x80\x02cos\nsystem\nq\x00X\x07\x00\x00\x00echo hiq\x01\x85q\x02Rq\x03."));
    expect(value).toBeInstanceOf(PickleObject);
    expect((value as PickleObject).callable).toEqual(new PickleGlobal("os", "system"));
    expect((value as PickleObject).args).toEqual(["echo hi"]);
  });

  it("a dict key named __proto__ is only a key", () => {
    const value = parsePickle(pickle("\x80\x03}X\x09\x00\x00\x00__proto__}X\x01\x00\x00\x00xK\x01ss.")) as Record<
      string,
      unknown
    >;
    expect(Object.keys(value)).toEqual(["__proto__"]);
    expect(({} as { x?: number }).x).toBeUndefined();
  });

  it.each([
    ["an empty file", "", "truncated"],
    ["no pickle", "hello", "garbled"],
    ["protocol 0", "\x80\x00.", "unsupported"],
    ["protocol 5", "\x80\x05.", "unsupported"],
    ["an opcode of an interpreter feature", "\x80\x02\x82\x01.", "unsupported"],
    ["no end", "\x80\x02N", "truncated"],
    ["pop of nothing", "\x80\x02.", "garbled"],
    ["a list item without a list", "\x80\x02NNa.", "garbled"],
    ["a memo entry that is not there", "\x80\x02h\x07.", "garbled"],
    ["values left on the stack", "\x80\x02NN.", "garbled"],
    ["a mark that is not there", "\x80\x02]e.", "garbled"],
    ["a length beyond the end", "\x80\x02X\xff\xff\xff\x7fabc.", "truncated"],
    ["text that is no UTF-8", "\x80\x02X\x01\x00\x00\x00\xff.", "garbled"],
    ["a dict key that is no text", "\x80\x02}NNs.", "unsupported"],
    ["bytes after the end", "\x80\x02N.N", "garbled"],
  ])("%s is an error of its own: %s", (_, text, code) => {
    expect(() => parsePickle(pickle(text))).toThrow(expect.objectContaining({ name: "IceCubeError", code }) as Error);
  });

  it("a list that contains itself becomes a tree", () => {
    expect(parsePickle(pickle("\x80\x02]q\x00h\x00a."))).toEqual([[]]);
  });

  it("doubling by reference and deep nesting end at a bound", () => {
    const doubling = "]q\x00" + "](h\x00h\x00eq\x00".repeat(40);
    expect(() => parsePickle(pickle(`\x80\x02${doubling}.`))).toThrow(expect.objectContaining({ code: "too-large" }) as Error);
    const deep = `\x80\x02${"]".repeat(5000)}${"a".repeat(4999)}.`;
    expect(() => parsePickle(pickle(deep))).toThrow(expect.objectContaining({ code: "too-large" }) as Error);
  });
});
