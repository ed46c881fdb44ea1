// Baseline GCD files over real HTTP on loopback, and with other processes that share the staging directory.
import { spawn } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";
import { deferred, hostName, readSettings, silentLogger } from "@skyscan/runtime";
import { repositoryPath } from "@skyscan/testing";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { gcdPlaces, gcdSettingTable } from "../src/gcd/settings.ts";
import type { GcdPlaces } from "../src/gcd/settings.ts";
import { stageBaselineGcd } from "../src/gcd/stage-gcd.ts";
import type { StageGcdOptions } from "../src/gcd/stage-gcd.ts";

const name = "baseline_gcd_135417.i3";
const content = randomBytes(300_000);
const sha256 = createHash("sha256").update(content).digest("hex");
const limits = { tries: 3, answerMs: 2_000, silenceMs: 300, waitMs: 1 };

let directory: string;
let staging: string;
let server: Server | undefined;
let asked: string[];
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "skyscan-gcd-"));
  staging = join(directory, "staging");
  asked = [];
});
afterEach(async () => {
  server?.closeAllConnections();
  server?.close();
  server = undefined;
  await rm(directory, { recursive: true, force: true });
});

/** A web server that answers so, and where it is. */
async function serve(answer: (request: IncomingMessage, response: ServerResponse, count: number) => void): Promise<string> {
  server = createServer((request, response) => {
    asked.push(request.url ?? "");
    answer(request, response, asked.length);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/gcds`;
}
const whole = (_request: IncomingMessage, response: ServerResponse): void =>
  void response.writeHead(200, { "content-length": content.length }).end(content);

const placesOf = (change: Partial<GcdPlaces> = {}): GcdPlaces => ({
  directories: [],
  stagingDirectory: staging,
  url: undefined,
  ...change,
});
const stage = (places: Partial<GcdPlaces>, change: Partial<StageGcdOptions> = {}) =>
  stageBaselineGcd(name, { places: placesOf(places), logger: silentLogger, limits, ...change });
const problem = (message: RegExp) => ({ code: "gcd-missing", message: expect.stringMatching(message) as unknown });

async function put(where: string, bytes: Uint8Array): Promise<string> {
  const path = join(directory, where);
  await mkdir(path, { recursive: true });
  await writeFile(join(path, name), bytes);
  return path;
}

describe("a baseline GCD file", () => {
  test("is taken from the first directory that has it, and nothing is downloaded", async () => {
    const [first, second] = [join(directory, "empty"), await put("second", content)];
    const third = await put("third", Buffer.from("other"));
    const url = await serve(whole);
    expect(await stage({ directories: [first, second, third], url })).toEqual({ path: join(second, name), sha256 });
    expect(asked).toEqual([]);
  });

  test("that no directory has is taken from the staging directory, else downloaded there by name", async () => {
    const url = await serve(whole);
    expect(await stage({ directories: [directory], url })).toEqual({ path: join(staging, name), sha256 });
    expect(await readFile(join(staging, name))).toEqual(content);
    expect(asked).toEqual([`/gcds/${name}`]);
    expect(await readdir(staging)).toEqual([name]);
    await stage({ url });
    expect(asked).toHaveLength(1);
  });

  test("with another content than the scan's is passed over; when there is no right one the error says which was wrong", async () => {
    const wrong = await put("wrong", Buffer.from("other"));
    const right = await put("right", content);
    expect((await stage({ directories: [wrong, right] }, { sha256 })).path).toBe(join(right, name));
    await expect(stage({ directories: [wrong] }, { sha256 })).rejects.toMatchObject(
      problem(new RegExp(`${join(wrong, name)} has SHA-256 .*scan's file has ${sha256}: it is another file of the same name`)),
    );
  });

  test("that was staged with another content is downloaded anew", async () => {
    await put("staging", Buffer.from("of long ago"));
    const url = await serve(whole);
    expect((await stage({ url }, { sha256 })).sha256).toBe(sha256);
    expect(await readFile(join(staging, name))).toEqual(content);
  });

  test("that comes with another content is refused, asked for once, and not kept", async () => {
    const url = await serve((_request, response) => void response.end("other"));
    await expect(stage({ url }, { sha256 })).rejects.toMatchObject(problem(/another file of the same name/));
    expect(asked).toHaveLength(1);
    expect(await readdir(staging)).toEqual([]);
  });

  test.each([
    [
      "breaks off",
      (response: ServerResponse) => response.writeHead(200, { "content-length": content.length }).write(content.subarray(0, 9)),
    ],
    ["answers 503", (response: ServerResponse) => response.writeHead(503).end()],
    ["is empty", (response: ServerResponse) => response.end()],
    [
      "says nothing more",
      (response: ServerResponse) => void response.writeHead(200, { "content-length": content.length }).write("x"),
    ],
  ])("is asked for again when the server %s", async (what, answer) => {
    const url = await serve((request, response, count) => {
      if (count > 2) return whole(request, response);
      answer(response);
      if (what === "breaks off") setImmediate(() => response.destroy());
    });
    expect((await stage({ url })).sha256).toBe(sha256);
    expect(asked).toHaveLength(3);
    expect(await readdir(staging)).toEqual([name]);
  });

  test("is not had from a server that keeps failing, has no such file, or is not there; nothing half is left", async () => {
    const failing = await serve((_request, response, count) => void response.writeHead(count <= 3 ? 500 : 404).end());
    await expect(stage({ url: failing })).rejects.toMatchObject(problem(/status 500 \(tried 3 times\)/));
    await expect(stage({ url: failing })).rejects.toMatchObject(problem(/status 404$/));
    expect(asked).toHaveLength(4);
    server!.close();
    server!.closeAllConnections();
    await expect(stage({ url: failing })).rejects.toMatchObject(problem(/ECONNREFUSED.*tried 3 times/));
    expect(await readdir(staging)).toEqual([]);
    await expect(stage({})).rejects.toMatchObject(problem(/nothing is downloaded/));
  });

  test("is not waited for without end: a server that takes the request and says nothing", async () => {
    const url = await serve(() => undefined);
    await expect(stage({ url }, { limits: { ...limits, tries: 1, answerMs: 200 } })).rejects.toMatchObject(
      problem(/no answer within 0\.2 s/),
    );
  });

  test("is given up at once on a signal", async () => {
    const stop = new AbortController();
    const url = await serve((_request, response) => {
      response.writeHead(200, { "content-length": content.length }).write("x");
      stop.abort();
    });
    await expect(stage({ url }, { signal: stop.signal })).rejects.toMatchObject({ code: "gcd-missing" });
    expect(await readdir(staging)).toEqual([]);
  });

  test.each(["../x.i3", "/etc/passwd", "a/b.i3", "", ".", "..", ".hidden", "x\u0000.i3", "x y.i3"])(
    "has a plain name: %j is refused",
    async (given) => {
      await expect(
        stageBaselineGcd(given, { places: placesOf({ directories: ["/"] }), logger: silentLogger }),
      ).rejects.toMatchObject(problem(/refused/));
    },
  );
});

const waits = "Another process downloads";

/** A process of its own that stages the file and prints what it got, and when it waits for another. */
function stagingProcess(url: string) {
  const script = `
    import { stageBaselineGcd } from ${JSON.stringify(pathToFileURL(repositoryPath("packages/recos/dist/index.js")).href)};
    const places = { directories: [], stagingDirectory: ${JSON.stringify(staging)}, url: ${JSON.stringify(url)} };
    const say = (_about, text) => console.log(text);
    const logger = { info: say, warn: say };
    console.log((await stageBaselineGcd(${JSON.stringify(name)}, { places, logger })).sha256);`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", script], { stdio: ["ignore", "pipe", "inherit"] });
  const waiting = deferred();
  let last = "";
  createInterface(child.stdout).on("line", (line) => {
    last = line;
    if (line.startsWith(waits)) waiting.resolve();
  });
  return { child, waiting: waiting.promise, printed: once(child, "close").then(() => last) };
}

describe("processes that share a staging directory", () => {
  test("download the file once", async () => {
    const othersWait = deferred();
    const url = await serve((request, response) => void othersWait.promise.then(() => whole(request, response)));
    const three = [stagingProcess(url), stagingProcess(url), stagingProcess(url)];
    let waiting = 0;
    for (const one of three) {
      void one.waiting.then(() => {
        waiting += 1;
        if (waiting === 2) othersWait.resolve();
      });
    }
    expect(await Promise.all(three.map(({ printed }) => printed))).toEqual([sha256, sha256, sha256]);
    expect(asked).toHaveLength(1);
    expect(await readdir(staging)).toEqual([name]);
  });

  test("go on when the one that downloads is killed in the middle, and what it left is removed", async () => {
    const begun = deferred();
    const url = await serve((request, response, count) => {
      if (count > 1) return whole(request, response);
      response.writeHead(200, { "content-length": content.length }).write(content.subarray(0, 100_000), () => begun.resolve());
    });
    const first = stagingProcess(url);
    await begun.promise;
    await expect
      .poll(async () => (await readdir(staging)).filter((one) => one.endsWith(".tmp")).length, { interval: 10 })
      .toBe(1);
    const waiting = stage({ url });
    first.child.kill("SIGKILL");
    expect((await waiting).sha256).toBe(sha256);
    expect(asked).toHaveLength(2);
    expect(await readdir(staging)).toEqual([name]);
  });

  test("are not held up by the lock of one that died long ago, here or on another host", async () => {
    const url = await serve(whole);
    for (const host of [hostName(), "elsewhere"]) {
      await rm(staging, { recursive: true, force: true });
      await mkdir(staging);
      const lock = join(staging, `${name}.lock`);
      await writeFile(lock, JSON.stringify({ host, pid: 2 ** 22 + 1, startTicks: "1" }));
      const { utimes } = await import("node:fs/promises");
      await utimes(lock, 1, 1);
      expect((await stage({ url })).sha256).toBe(sha256);
      expect(await readdir(staging)).toEqual([name]);
    }
  });
});

describe("where baseline GCD files are looked for", () => {
  const settingsOf = (environment: Record<string, string>) => {
    const problems: string[] = [];
    return { settings: readSettings(gcdSettingTable, problems, environment), problems };
  };

  test("is the server's directory, then the environment's, each once; the staging directory is the shared one where there is one", () => {
    const { settings } = settingsOf({ SKYSCAN_GCD_SOURCES: "/a::/b", SKYSCAN_GCD_URL: "https://x.org/gcds/" });
    expect(gcdPlaces(settings, { first: ["/b"], staging: "/own" })).toEqual({
      directories: ["/b", "/a"],
      stagingDirectory: "/own",
      url: "https://x.org/gcds",
    });
    const shared = settingsOf({ SKYSCAN_GCD_URL: "none", EWMS_TASK_DATA_HUB_DIR: "/hub" }).settings;
    expect(gcdPlaces(shared, { staging: "/own" })).toMatchObject({ stagingDirectory: "/hub", url: undefined });
    expect(gcdPlaces(shared, { staging: "/own" }).directories[0]).toBe("/opt/i3-data/baseline_gcds");
  });

  test("is no other scheme than http", () => {
    expect(settingsOf({ SKYSCAN_GCD_URL: "ftp://x/y" }).problems).toEqual([expect.stringContaining("SKYSCAN_GCD_URL")]);
  });
});
