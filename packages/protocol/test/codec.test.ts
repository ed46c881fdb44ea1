import { maxMessageBytes } from "@skyscan/runtime";
import { pack, unpack } from "msgpackr";
import { describe, expect, test } from "vitest";
import { decodeControl, decodeReply, decodeWork, decodeWorkers, encode, ProtocolError, protocolVersion } from "../src/index.ts";
import { about, common, controls, reply, status, work } from "./samples.ts";

/** A message with one key replaced, as another program might write it. */
const spoilt = (message: object, key: string, value: unknown): Uint8Array => {
  const { [key]: _, ...rest } = message as Record<string, unknown>;
  return pack(value === undefined ? rest : { ...rest, [key]: value });
};
const codeOf = (decode: () => unknown): string => {
  try {
    decode();
  } catch (error) {
    if (error instanceof ProtocolError) return error.code;
    throw error;
  }
  return "taken";
};

describe("what is encoded is decoded, every number to its last bit (minus zero is zero, as in JSON)", () => {
  test("work, replies, status, control", () => {
    expect(decodeWork(encode(work))).toEqual(work);
    expect(decodeReply(encode(reply))).toEqual(reply);
    expect(decodeWorkers(encode(status))).toEqual(status);
    expect(decodeWorkers(encode({ v: protocolVersion, type: "status-request", scan: "s", id: "q" }))).toMatchObject({ id: "q" });
    for (const control of controls) expect(decodeControl(encode(control))).toEqual(control);
  });

  test("bytes stay as they are while others are encoded", () => {
    const first = encode(work);
    const copy = first.slice();
    for (let again = 0; again < 1000; again += 1) encode(reply);
    expect(first).toEqual(copy);
  });

  test("they are plain msgpack maps, `v` first, for any library to read", () => {
    const bytes = encode(reply);
    // Some map header, then the one-letter string "v".
    expect(Buffer.from(bytes).indexOf(Buffer.from([0xa1, 0x76, protocolVersion]))).toBeLessThanOrEqual(3);
    expect(unpack(bytes)).toEqual(reply);
    expect(Object.keys(unpack(encode(work)) as object)[0]).toBe("v");
  });

  test("keys that a later version adds are left out, not refused", () => {
    expect(decodeReply(pack({ ...reply, colour: "red" }))).toEqual(reply);
  });
});

describe("what came from elsewhere is a ProtocolError with its code, whatever it is", () => {
  test.each([
    ["nothing", new Uint8Array(0)],
    ["a half message", encode(reply).slice(0, 40)],
    ["bytes behind the message", new Uint8Array([...encode(reply), 0])],
  ])("%s is garbled", (_, bytes) => {
    expect(codeOf(() => decodeReply(bytes))).toBe("garbled");
  });

  test("more than the limit is too large, and is not decoded", () => {
    expect(codeOf(() => decodeReply(new Uint8Array(maxMessageBytes + 1)))).toBe("too-large");
  });

  test("another protocol version is named", () => {
    expect(() => decodeReply(spoilt(reply, "v", 2))).toThrow(/protocol version 2; this side speaks 1/);
    expect(codeOf(() => decodeReply(spoilt(reply, "v", 2)))).toBe("foreign-version");
  });

  test.each([
    ["v", undefined],
    ["v", "1"],
    ["scan", undefined],
    ["scan", 7],
    ["scan", "x".repeat(257)],
    ["run", 0],
    ["run", 1.5],
    ["worker", null],
    ["outcomes", []],
    ["outcomes", {}],
    ["outcomes", [{ ...about, kind: "surprise" }]],
    ["outcomes", [{ ...about, kind: "declined", attempt: 0 }]],
    ["outcomes", [{ ...about, kind: "declined", runtimeSec: -1 }]],
    ["outcomes", [{ ...about, kind: "declined", runtimeSec: NaN }]],
    ["outcomes", [{ ...about, kind: "declined", unit: "x".repeat(65) }]],
    ["outcomes", [{ ...about, kind: "result", result: { llh: "low" } }]],
    ["outcomes", [{ ...about, kind: "failure", code: "bored", message: "", retry: true, stderrTail: "" }]],
  ])("a reply whose %s is %j is invalid, and says which key", (key, value) => {
    expect(codeOf(() => decodeReply(spoilt(reply, key, value)))).toBe("invalid");
    expect(() => decodeReply(spoilt(reply, key, value))).toThrow(new RegExp(`a reply message is not valid: ${key}`));
  });

  test("one kind is not taken for another", () => {
    expect(codeOf(() => decodeWork(encode(reply)))).toBe("invalid");
    expect(codeOf(() => decodeReply(encode(work)))).toBe("invalid");
    expect(codeOf(() => decodeControl(encode(status)))).toBe("invalid");
    expect(codeOf(() => decodeWorkers(encode(controls[0]!)))).toBe("invalid");
    for (const value of [null, 1, "x", [], {}]) expect(codeOf(() => decodeControl(pack(value)))).toBe("invalid");
  });

  test("nothing but plain data comes out of it: no class, no prototype", () => {
    const decoded = decodeControl(pack({ ...common, type: "status", id: "q", manifest: { __proto__: { evil: true } } }));
    const { manifest } = decoded as { manifest: Record<string, unknown> };
    expect(manifest["evil"]).toBeUndefined();
  });

  test("random bytes never throw anything else", () => {
    let state = 12345;
    const random = (): number => (state = (state * 1103515245 + 12345) % 2147483648) / 2147483648;
    for (let round = 0; round < 2000; round += 1) {
      const bytes = Uint8Array.from({ length: Math.floor(random() * 60) }, () => Math.floor(random() * 256));
      for (const decode of [decodeWork, decodeReply, decodeControl, decodeWorkers])
        expect(codeOf(() => decode(bytes))).not.toBe("taken");
    }
    const real = encode(reply);
    for (let round = 0; round < 2000; round += 1) {
      const bytes = real.slice();
      bytes[Math.floor(random() * bytes.length)] = Math.floor(random() * 256);
      codeOf(() => decodeReply(bytes));
    }
  });
});
