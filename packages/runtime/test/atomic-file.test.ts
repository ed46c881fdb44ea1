import { chmod, mkdtemp, readFile, readdir, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { writeFileAtomically } from "../src/index.ts";

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "skyscan-atomic-"));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

describe("a file that is written atomically", () => {
  test("replaces the one of before, with the mode that is asked for, and leaves nothing beside it", async () => {
    const path = join(directory, "file");
    await writeFile(path, "before");
    await chmod(path, 0o644);
    await writeFileAtomically(path, "secret", 0o600);
    expect(await readFile(path, "utf8")).toBe("secret");
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(await readdir(directory)).toEqual(["file"]);
  });

  test("takes bytes as they are", async () => {
    const bytes = Uint8Array.from({ length: 256 }, (_, value) => value);
    await writeFileAtomically(join(directory, "file"), bytes);
    expect(new Uint8Array(await readFile(join(directory, "file")))).toEqual(bytes);
  });

  test("is whole at every moment, also while many write it at once", async () => {
    const path = join(directory, "file");
    const contents = Array.from({ length: 20 }, (_, at) => String(at).repeat(10_000));
    await writeFileAtomically(path, contents[0]!);
    const seen: string[] = [];
    await Promise.all(
      contents.map(async (content) => {
        await writeFileAtomically(path, content);
        seen.push(await readFile(path, "utf8"));
      }),
    );
    for (const content of seen) expect(contents).toContain(content);
    expect(await readdir(directory)).toEqual(["file"]);
  });

  test("that cannot be put there rejects with the system's code and leaves nothing half-written", async () => {
    await expect(writeFileAtomically(join(directory, "missing", "file"), "x")).rejects.toMatchObject({ code: "ENOENT" });
    await expect(writeFileAtomically(directory, "x")).rejects.toThrow();
    expect(await readdir(directory)).toEqual([]);
  });
});
