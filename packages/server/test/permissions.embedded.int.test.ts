// Runs a real scan in this process under the laxest umask there is, and the embedded broker on addresses that others reach.
import { mkdtemp, readFile, readdir, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, dirname, join, relative } from "node:path";
import { makeCertificate, opensslMissing } from "@skyscan/testing";
import { silentLogger } from "@skyscan/runtime";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { linkBroker } from "../src/broker/broker-link.ts";
import type { ListenRequest } from "../src/request/request.ts";
import { openDesk } from "./scan-by-hand.ts";

vi.setConfig({ testTimeout: 30_000 });
const modeOf = async (path: string): Promise<string> => ((await stat(path)).mode & 0o777).toString(8);

/** Every file below a directory, with its mode. */
async function modesBelow(directory: string): Promise<Readonly<Record<string, string>>> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const modes: Record<string, string> = {};
  for (const path of paths) modes[relative(directory, path)] = await modeOf(path);
  return modes;
}

describe("files", () => {
  let umask: number;
  beforeEach(() => {
    umask = process.umask(0);
  });
  afterEach(() => void process.umask(umask));

  test("that open something are their owner's alone, whatever the umask; nobody else writes to any other", async () => {
    const desk = await openDesk();
    try {
      const scan = desk.start();
      const startup = await scan.startup;
      const client = await desk.client(startup);
      const cache = dirname(startup.broker.tokenFile!);
      // It sends work once it can be asked.
      await client.until(() => client.held.length > 0);
      const socket = await desk.socket();
      expect(await modeOf(dirname(socket))).toBe("700");
      expect(await modeOf(cache)).toBe("755");
      const running = await modesBelow(cache);
      expect(running).toEqual({
        "broker-token": "600",
        "broker-port": "600",
        "server-socket.json": "600",
        journal: "644",
        "scan-id": "644",
        lock: "644",
      });
      client.answerAll();
      expect(await scan.end).toMatchObject({ status: 0 });
      const all = await modesBelow(desk.directory);
      const written = Object.entries(all).filter(([path]) => basename(path) !== "event.json");
      expect(written.length).toBeGreaterThan(6);
      for (const [path, mode] of written)
        expect([path, mode]).toEqual([path, /broker-|server-socket/.test(path) ? "600" : "644"]);
    } finally {
      await desk.close();
    }
  });
});

describe("the embedded broker", () => {
  let cache: string;
  beforeEach(async () => {
    cache = await mkdtemp(join(tmpdir(), "skyscan-link-"));
  });
  afterEach(() => rm(cache, { recursive: true, force: true }));

  const link = (listen: Partial<ListenRequest>): ReturnType<typeof linkBroker> => {
    const request = { host: "127.0.0.1", port: 0, tlsCertFile: undefined, tlsKeyFile: undefined, insecure: false, ...listen };
    return linkBroker(() => Promise.resolve(undefined), null, request, cache, silentLogger);
  };
  const tokenOf = async (): Promise<string> => (await readFile(join(cache, "broker-token"), "utf8")).trim();

  test.each(["0.0.0.0", "::", "192.0.2.1", "127.evil.example", "127.0.0.1.evil.example", "localhost.example"])(
    "does not listen on %s without TLS or a word, and says both",
    async (host) => {
      await expect(link({ host })).rejects.toThrow(/reachable from other machines: give --tls-cert and --tls-key, or --insecure/);
      expect(await readdir(cache)).toEqual([]);
    },
  );

  test.each(["127.0.0.1", "127.0.0.2", "localhost"])("listens on %s as it is", async (host) => {
    await (await link({ host })).close();
  });

  test("listens off loopback with --insecure", async () => {
    await (await link({ host: "0.0.0.0", insecure: true })).close();
  });

  test.skipIf(opensslMissing !== undefined)("listens off loopback with a certificate, and tells clients to use TLS", async () => {
    const certificate = await makeCertificate();
    const linked = await link({ host: "0.0.0.0", tlsCertFile: certificate.cert, tlsKeyFile: certificate.key });
    expect(linked.startup.address).toMatch(/^grpcs:\/\//);
    await linked.close();
    await certificate.remove();
  });

  test("draws a token of 192 bits, keeps it, and never takes an empty or a shorter one for it", async () => {
    await (await link({})).close();
    const first = await tokenOf();
    expect(first).toMatch(/^[A-Za-z0-9_-]{32}$/);
    await (await link({})).close();
    expect(await tokenOf()).toBe(first);
    for (const spoilt of ["", "\n", "short", `${first} more`]) {
      await writeFile(join(cache, "broker-token"), spoilt);
      await (await link({})).close();
      expect(await tokenOf()).toMatch(/^[A-Za-z0-9_-]{32}$/);
      expect(await tokenOf()).not.toBe(first);
    }
  });
});
