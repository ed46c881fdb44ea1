import { chmod, writeFile } from "node:fs/promises";
import { arch } from "node:process";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { repositoryPath, temporaryDirectory } from "@skyscan/testing";
import { resolveExecutable } from "../src/process/executable.ts";

let home: Awaited<ReturnType<typeof temporaryDirectory>>;
beforeEach(async () => {
  home = await temporaryDirectory();
});
afterEach(() => home.remove());

async function program(content: Buffer | string): Promise<string> {
  const path = join(home.path, "program");
  await writeFile(path, content);
  await chmod(path, 0o755);
  return path;
}

/** The first bytes of a program for a processor. */
function elfFor(machine: number): Buffer {
  const bytes = Buffer.alloc(64);
  bytes.writeUInt32BE(0x7f454c46, 0);
  bytes.writeUInt16LE(machine, 18);
  return bytes;
}

describe("a reco's executable", () => {
  test.runIf(process.platform === "linux")("of another processor is told so, before a shell tries to read it", async () => {
    const path = await program(elfFor(arch === "x64" ? 183 : 62));
    await expect(resolveExecutable(path, home.path, "")).rejects.toThrow(
      `${path} is a program for another platform than linux-${arch}`,
    );
  });

  test("that is a script, or as short as one can be, is run", async () => {
    const path = await program("#!/bin/sh\n");
    expect(await resolveExecutable(path, home.path, "")).toBe(path);
  });

  test("that comes with the product and was not built: the error says what builds it", async () => {
    const missing = repositoryPath("packages/recos/build/nothing");
    await expect(resolveExecutable(missing, home.path, "")).rejects.toThrow(
      `with a C++17 compiler: node ${repositoryPath("packages/recos/native/build.mjs")}`,
    );
  });
});
