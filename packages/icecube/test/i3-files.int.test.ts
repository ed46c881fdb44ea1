// .i3 files, packed and not, here and by the programs gzip, bzip2 and zstd.
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtemp, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { dataMissing, skipReason } from "@skyscan/testing";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  createFrame,
  describeI3File,
  isI3File,
  parseEvent,
  readI3File,
  readI3Frames,
  writeFrame,
  writeI3File,
  writeInt,
  type Frame,
  type I3FileFrame,
} from "../src/index.ts";
import { eventBytes } from "./real-files.ts";

const programMissing = (name: string): string | undefined =>
  skipReason(name, spawnSync(name, ["--help"]).error === undefined ? undefined : `the program ${name} is not installed`);
const missing = { bzip2: programMissing("bzip2"), zstd: programMissing("zstd") };

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "skyscan-i3-"));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

const frame = (stream: string, n: number, bytes = 100): Frame =>
  createFrame(stream, [
    { key: "Number", typeName: "I3PODHolder<int>", blob: writeInt(n) },
    { key: "Rest", typeName: "I3Vector<char>", blob: Uint8Array.from({ length: bytes }, (_, i) => (i * i * (n + 3)) & 255) },
  ]);
/** With one frame that does not fit into a block or a piece of anything. */
const madeUp = (): Frame[] => [
  frame("G", 0),
  createFrame("C", []),
  frame("Q", 2, 700_000),
  ...[3, 4, 5].map((n) => frame("P", n)),
];

const bronze = "run00136662-evt000035405932-BRONZE.pkl";
const realFrames = (): Frame[] =>
  dataMissing === undefined ? parseEvent(eventBytes(bronze), bronze).frames.map((one) => one.frame) : [];

async function all(frames: AsyncIterable<I3FileFrame>): Promise<I3FileFrame[]> {
  const read: I3FileFrame[] = [];
  for await (const one of frames) read.push(one);
  return read;
}
async function* inPieces(bytes: Uint8Array, length: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += length) yield await Promise.resolve(bytes.subarray(at, at + length));
}
const plain = (frames: readonly Frame[]): Buffer => Buffer.concat(frames.map(writeFrame));

const endings = [".i3", ".i3.gz", ...(missing.bzip2 === undefined ? [".i3.bz2"] : []), ".i3.zst"];
const unpackWith: Readonly<Record<string, readonly [string, ...string[]]>> = {
  ".i3": ["cat"],
  ".i3.gz": ["gzip", "-dc"],
  ".i3.bz2": ["bzip2", "-dc"],
  ".i3.zst": ["zstd", "-dc"],
};

describe.each(endings)("a file %s", (ending) => {
  it("gives back every frame that was written, in order, and leaves no other file", async () => {
    const frames = [...madeUp(), ...realFrames()];
    const path = join(directory, `x${ending}`);
    await writeI3File(path, frames);
    expect(await readdir(directory)).toEqual([`x${ending}`]);
    expect(await isI3File(path)).toBe(true);
    let offset = 0;
    let number = 0;
    for await (const read of readI3File(path)) {
      const wanted = writeFrame(frames[number]!);
      expect([read.number, read.offset, read.byteLength]).toEqual([number + 1, offset, wanted.length]);
      expect(Buffer.from(writeFrame(read.frame)).equals(wanted)).toBe(true);
      number += 1;
      offset += wanted.length;
    }
    expect(number).toBe(frames.length);
  });

  it.skipIf(ending === ".i3.zst" && missing.zstd !== undefined)("is what the usual program unpacks", async () => {
    const path = join(directory, `x${ending}`);
    await writeI3File(path, madeUp());
    const [program, ...words] = unpackWith[ending]!;
    expect(execFileSync(program, [...words, path], { maxBuffer: 1e8 }).equals(plain(madeUp()))).toBe(true);
  });

  it("that ends too early is told from one that is whole, with the frame where it ends", async () => {
    const path = join(directory, `x${ending}`);
    await writeI3File(path, madeUp());
    const whole = await readFile(path);
    for (const part of [0.1, 0.5, 0.9, 1 - 1 / whole.length]) {
      const cut = whole.subarray(0, Math.floor(part * whole.length));
      await expect(all(readI3Frames(inPieces(cut, 1000), "cut.i3")), `${part}`).rejects.toMatchObject({
        code: "truncated",
        message: expect.stringMatching(/^cut\.i3: frame [1-7] at offset \d+: /) as unknown,
      });
    }
  });

  it("that is empty of frames has none", async () => {
    const path = join(directory, `x${ending}`);
    await writeI3File(path, []);
    expect(await all(readI3File(path))).toEqual([]);
  });
});

describe("files that other programs packed", () => {
  const variants = [
    ["gzip", ["-c"]],
    ["gzip", ["-1c"]],
    ["bzip2", ["-c"]],
    ["bzip2", ["-1c"]],
    ["zstd", ["-c"]],
    ["zstd", ["-19", "-c"]],
    ["zstd", ["--fast=5", "--no-check", "-c"]],
    ["zstd", ["-1", "--no-content-size", "-c"]],
  ] as const;
  it.each(variants.filter(([program]) => program === "gzip" || missing[program] === undefined))(
    "%s %j",
    async (program, words) => {
      const path = join(directory, "x.i3");
      await writeFile(path, plain([...madeUp(), ...realFrames()]));
      const once = execFileSync(program, [...words, path], { maxBuffer: 1e8 });
      // Packed files may follow one another, and the whole is a file again.
      const read = await all(readI3Frames(inPieces(Buffer.concat([once, once]), 777), "x"));
      expect(plain(read.map((one) => one.frame)).equals(Buffer.concat([await readFile(path), await readFile(path)]))).toBe(true);
    },
  );
});

describe("a file that is damaged", () => {
  const bytes = plain(madeUp());
  const read = (damaged: Uint8Array): Promise<I3FileFrame[]> => all(readI3Frames(inPieces(damaged, 5000), "x.i3"));
  const changed = (at: number, value: number): Uint8Array => {
    const copy = Uint8Array.from(bytes);
    copy[at] = value;
    return copy;
  };

  it("in a blob is garbled: the checksum of that frame does not fit", async () => {
    const third = writeFrame(madeUp()[0]!).length + writeFrame(madeUp()[1]!).length;
    await expect(read(changed(third + 5000, bytes[third + 5000]! ^ 1))).rejects.toMatchObject({
      code: "garbled",
      message: expect.stringMatching(new RegExp(`^x\\.i3: frame 3 at offset ${third}: checksum`)) as unknown,
    });
  });

  it("at the start of a frame is garbled, not read on", async () => {
    await expect(read(changed(0, 0x5c))).rejects.toMatchObject({
      code: "garbled",
      message: expect.stringMatching(/\[i3\]/) as unknown,
    });
    await expect(read(Buffer.concat([bytes, Buffer.from("hello, this is no frame")]))).rejects.toMatchObject({
      code: "garbled",
      message: expect.stringMatching(/frame 7 at offset/) as unknown,
    });
  });

  it("in a length is refused before anything of that length is made", async () => {
    for (const at of [11, 15, 19 + 6]) {
      const damaged = Buffer.from(bytes);
      damaged.writeUInt32LE(0xfffffff0, at);
      await expect(read(damaged), `at ${at}`).rejects.toMatchObject({
        code: expect.stringMatching(/^(too-large|garbled|truncated)$/) as unknown,
      });
    }
  });

  it("in what it is packed with is garbled", async () => {
    const packed = Buffer.from(gzipSync(bytes));
    packed.fill(0xaa, 200, 300);
    await expect(read(packed)).rejects.toMatchObject({ code: "garbled" });
    const zst = Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x58, 0x07, 0x00, 0x00]);
    await expect(read(zst)).rejects.toMatchObject({ code: expect.stringMatching(/^(garbled|truncated)$/) as unknown });
  });

  it.skipIf(missing.bzip2 !== undefined)("in what bzip2 packed is garbled", async () => {
    const packed = Buffer.from(execFileSync("bzip2", ["-c"], { input: bytes, maxBuffer: 1e8 }));
    packed.fill(0xaa, 600, 700);
    await expect(read(packed)).rejects.toMatchObject({ code: "garbled", message: expect.stringMatching(/bzip2/) as unknown });
  });

  it("into asking for too much memory is refused: a bomb, a window of 2 GiB", async () => {
    const start = Buffer.concat([
      Buffer.from("[i3]"),
      Buffer.from([6, 0, 0, 0, 0, 0]),
      Buffer.from("P"),
      Buffer.from([1, 0, 0, 0]),
    ]);
    const blob = Buffer.concat([Buffer.from([1, 0, 0, 0, 65, 1, 0, 0, 0, 65]), Buffer.from([0xff, 0xff, 0xff, 0x7f])]);
    const bomb = gzipSync(Buffer.concat([start, blob, Buffer.alloc(80 * 2 ** 20)]), { level: 9 });
    await expect(read(bomb)).rejects.toMatchObject({ code: "too-large" });
    const window = Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x00, 0xa8, 0x01, 0x00, 0x00]);
    await expect(read(window)).rejects.toMatchObject({ code: "too-large", message: expect.stringMatching(/window/) as unknown });
  });

  it("in no way but missing says so", async () => {
    await expect(all(readI3File(join(directory, "none.i3")))).rejects.toMatchObject({ code: "io" });
    await expect(isI3File(join(directory, "none.i3"))).rejects.toMatchObject({ code: "io" });
    await expect(writeI3File(join(directory, "none", "x.i3"), [])).rejects.toMatchObject({ code: "io" });
  });
});

describe("reading", () => {
  it("asks for no more of the file than the frames that are wanted", async () => {
    let given = 0;
    async function* endless(): AsyncGenerator<Uint8Array> {
      for (;;) {
        given += 1;
        yield await Promise.resolve(writeFrame(frame("P", given)));
      }
    }
    for await (const { number } of readI3Frames(endless(), "endless")) if (number === 50) break;
    expect(given).toBeLessThan(55);
  });

  it("for people shows every frame with its place, keys, types and sizes", async () => {
    const path = join(directory, "x.i3.gz");
    await writeI3File(path, madeUp());
    const lines: string[] = [];
    for await (const line of describeI3File(path)) lines.push(line);
    const first = writeFrame(madeUp()[0]!).length;
    expect(lines.slice(0, 4)).toEqual([
      `frame G: 2 objects, ${first} bytes, number 1 at offset 0`,
      "  Number        29  I3PODHolder<int>",
      "  Rest         100  I3Vector<char>",
      `frame C: 0 objects, 19 bytes, number 2 at offset ${first}`,
    ]);
  });
});
