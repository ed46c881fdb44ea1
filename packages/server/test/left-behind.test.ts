import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { createSkymap, writeSkymapFiles } from "@skyscan/skymap";
import { temporaryName } from "@skyscan/runtime";
import { afterEach, beforeEach, expect, test } from "vitest";
import { ensureDirectory } from "../src/cache/scan-cache.ts";
import { openStatusSocket, socketRecord } from "../src/cache/status-socket.ts";

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "skyscan-left-"));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

test("the socket of a server that was killed goes when the next one opens its own", async () => {
  const record = join(directory, socketRecord);
  const socketOf = async (): Promise<string> => (JSON.parse(await readFile(record, "utf8")) as { socket: string }).socket;
  const killed = join(tmpdir(), "skyscan-0123456789abcdef");
  await mkdir(killed);
  await writeFile(join(killed, "socket"), "");
  await writeFile(record, JSON.stringify({ socket: join(killed, "socket"), pid: 1 }));
  const open = await openStatusSocket(directory, "/manifest.json", () => ({}));
  await expect(readdir(killed)).rejects.toMatchObject({ code: "ENOENT" });
  const own = join(await socketOf(), "..");
  expect(await readdir(own)).toEqual(["socket"]);
  await open.close();
  await expect(readdir(own)).rejects.toMatchObject({ code: "ENOENT" });
  expect(JSON.parse(await readFile(record, "utf8"))).toEqual({ manifest: "/manifest.json" });
});

test("a record that names anything else than such a socket's directory removes nothing", async () => {
  const precious = join(directory, "precious");
  await mkdir(precious);
  await writeFile(join(precious, "socket"), "");
  await writeFile(join(directory, socketRecord), JSON.stringify({ socket: join(precious, "socket"), pid: 1 }));
  await (await openStatusSocket(directory, "/manifest.json", () => ({}))).close();
  expect(await readdir(precious)).toEqual(["socket"]);
});

test("half-written files of killed servers go when a server begins to use the directory: its own kind and the result's", async () => {
  const dead = (name: string): string => name.replace(`.${process.pid}.`, `.${2 ** 22 + 1}.`);
  await writeFile(dead(temporaryName(join(directory, "manifest.json"))), "half");
  const columns = Object.fromEntries(
    ["index", "llh", "E_in", "E_tot", "X", "Y", "Z", "T"].map((name) => [name, new Float64Array(1)]),
  );
  const metadata = { complete: true, runId: 1, eventId: 2, eventType: "e", mjd: 1, isRealEvent: false, version: 1 } as const;
  const skymap = createSkymap([{ nside: 1, metadata, columns } as never]);
  const seen: string[] = [];
  await mkdir(join(directory, "run_1.npz"));
  await writeSkymapFiles(directory, skymap, "run").catch((error: unknown) =>
    seen.push(String((error as Error & { cause: { dest?: string; path?: string } }).cause.path)),
  );
  expect(seen[0]).toContain(`.run_1.npz.${hostname()}.${process.pid}.`);
  await rm(join(directory, "run_1.npz"), { recursive: true });
  await writeFile(dead(seen[0]!), "half");
  await ensureDirectory("--output-dir", directory);
  expect(await readdir(directory)).toEqual([]);
});
