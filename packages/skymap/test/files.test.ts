import { chmod, mkdir, mkdtemp, readdir, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import {
  convertSkymapFile,
  createSkymap,
  encodeJson,
  encodeNpz,
  readSkymapFile,
  removeShorterNamed,
  SkymapError,
  writeSkymapFiles,
} from "../src/index.ts";
import { level, sample } from "./sample.ts";

const event = "run00136662.evt000035405932.neutrino";
let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "skymap-"));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

const names = async (): Promise<string[]> => (await readdir(directory)).sort();

it("a result is written as npz and json, named by event and ascending nsides, and read back", async () => {
  const skymap = createSkymap([level(64, [5]), level(8, [3])]);
  const written = await writeSkymapFiles(directory, skymap, event);
  expect(written).toEqual({
    npz: join(directory, `${event}_8_64.npz`),
    json: join(directory, `${event}_8_64.json`),
    removed: [],
  });
  expect(await names()).toEqual([`${event}_8_64.json`, `${event}_8_64.npz`]);
  expect(await readSkymapFile(written.npz)).toEqual(skymap);
  expect(await readSkymapFile(written.json)).toEqual(skymap);
});

it("when an nside joins, the shorter-named files of the same event go, and nothing else", async () => {
  await writeSkymapFiles(directory, createSkymap([level(8, [3])]), event);
  await writeSkymapFiles(directory, createSkymap([level(8, [3]), level(64, [5])]), event);
  const others = [
    `${event}_16.npz`,
    `${event}_8_64_512_1024.npz`,
    `${event}_8.fits`,
    `${event}_8.npz.bak`,
    `${event}x_8.npz`,
    `${event}_8-2.json`,
    "scan-manifest.json",
  ];
  for (const name of others) await writeFile(join(directory, name), "");
  const written = await writeSkymapFiles(directory, createSkymap([level(8, [3]), level(64, [5]), level(512, [9])]), event);
  expect([...written.removed].sort()).toEqual([join(directory, `${event}_8_64.json`), join(directory, `${event}_8_64.npz`)]);
  expect(await names()).toEqual([...others, `${event}_8_64_512.json`, `${event}_8_64_512.npz`].sort());
  expect(await removeShorterNamed(directory, event, [8, 64, 512], ["fits"])).toEqual([join(directory, `${event}_8.fits`)]);
});

it("a result without any nside is not written", async () => {
  await expect(writeSkymapFiles(directory, createSkymap([]), event)).rejects.toMatchObject({ code: "empty" });
  expect(await names()).toEqual([]);
});

it("a directory that is not there, or is none, is an error that names the file and keeps the system's", async () => {
  await expect(writeSkymapFiles(join(directory, "no"), sample(), event)).rejects.toMatchObject({
    name: "SkymapError",
    code: "write",
    message: expect.stringContaining(join(directory, "no", event)) as string,
    cause: { code: "ENOENT" },
  });
  await writeFile(join(directory, "file"), "");
  await expect(writeSkymapFiles(join(directory, "file"), sample(), event)).rejects.toMatchObject({ cause: { code: "ENOTDIR" } });
});

it("a failed write leaves the old file as it was and no temporary one", async () => {
  const { npz } = await writeSkymapFiles(directory, sample(), event);
  const before = await readFile(npz);
  // A directory where the json should go: its rename fails after the npz was written.
  await rm(join(directory, `${event}_1_2.json`));
  await mkdir(join(directory, `${event}_1_2.json`));
  await writeFile(join(directory, `${event}_1_2.json`, "x"), "");
  await expect(writeSkymapFiles(directory, sample(), event)).rejects.toMatchObject({ code: "write" });
  expect(await readFile(npz)).toEqual(before);
  expect(await names()).toEqual([`${event}_1_2.json`, `${event}_1_2.npz`]);
});

it.skipIf(process.getuid?.() === 0)("a directory without permission is an error that says so", async () => {
  await chmod(directory, 0o500);
  await expect(writeSkymapFiles(directory, sample(), event)).rejects.toMatchObject({ code: "write", cause: { code: "EACCES" } });
  await chmod(directory, 0o700);
});

it("npz and json convert into one another, beside the file or where told", async () => {
  const { npz, json } = await writeSkymapFiles(directory, sample(), event);
  await rm(json);
  expect(await convertSkymapFile(npz)).toBe(json);
  expect(Buffer.compare(await readFile(json), encodeJson(sample()))).toBe(0);
  const other = join(directory, "other.npz");
  expect(await convertSkymapFile(json, other)).toBe(other);
  expect(Buffer.compare(await readFile(other), encodeNpz(sample()))).toBe(0);
  await expect(convertSkymapFile(npz, join(directory, "x.csv"))).rejects.toMatchObject({ code: "invalid" });
});

it("whatever is wrong with a file, the error says which file", async () => {
  const path = join(directory, "broken.npz");
  await writeFile(path, encodeNpz(sample()));
  await truncate(path, 700);
  const fails = async (read: Promise<unknown>): Promise<SkymapError> => {
    const error: unknown = await read.then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    expect(error).toBeInstanceOf(SkymapError);
    expect((error as SkymapError).message).toContain(directory);
    return error as SkymapError;
  };
  expect((await fails(readSkymapFile(path))).code).toBe("garbled");
  expect((await fails(readSkymapFile(path, { maxBytes: 100 }))).code).toBe("too-large");
  await writeFile(path, "");
  expect((await fails(readSkymapFile(path))).code).toBe("garbled");
  expect(await fails(readSkymapFile(join(directory, "none.json")))).toMatchObject({ code: "read", cause: { code: "ENOENT" } });
  expect(await fails(readSkymapFile(directory))).toMatchObject({ code: "read", cause: { code: "EISDIR" } });
});

it("a file is read by what it holds, not by what it is called", async () => {
  await writeFile(join(directory, "a.json"), encodeNpz(sample()));
  expect(await readSkymapFile(join(directory, "a.json"))).toEqual(sample());
  await writeFile(join(directory, "b"), encodeJson(sample()));
  expect(await readSkymapFile(join(directory, "b"))).toEqual(sample());
});
