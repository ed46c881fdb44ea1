import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { repositoryPath } from "@skyscan/testing";
import { elfNeeds } from "../src/bundle/elf-needs.ts";

const pandel = repositoryPath("packages/recos/build/pandel");

/** What binutils, which come with the compiler, say. */
const readelf = (flag: string, path: string): string =>
  spawnSync("readelf", ["--wide", flag, path], { encoding: "utf8", maxBuffer: 1 << 26 }).stdout;

test("libraries and versions of Node are those that readelf lists", () => {
  const needs = elfNeeds(readFileSync(process.execPath));
  const libraries = [...readelf("--dynamic", process.execPath).matchAll(/\(NEEDED\).*\[(.*)\]/g)].map((match) => match[1]!);
  const [, needed = ""] = readelf("--version-info", process.execPath).split("Version needs section");
  const versions = [...needed.matchAll(/Name: (\S+)/g)].map((match) => match[1]!);
  expect(libraries).toContain("libc.so.6");
  expect(needs).toEqual({ libraries, versions });
});

test.runIf(process.platform === "linux")("the native reco needs no library: it is linked statically", () => {
  expect(elfNeeds(readFileSync(pandel))).toEqual({ libraries: [], versions: [] });
});

test("what is no 64-bit ELF file needs nothing to be known", () => {
  expect(elfNeeds(Buffer.from("#!/bin/sh\n".repeat(20)))).toBeUndefined();
  expect(elfNeeds(Buffer.alloc(10))).toBeUndefined();
});
