import { randomBytes } from "node:crypto";
import { chmod, readFile, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { descendants, freePort, rabbitmqMissing, runSkyscan, startRabbitmq } from "@skyscan/testing";
import type { Rabbitmq, SkyscanEnd, SkyscanProcess } from "@skyscan/testing";
import { simulatedName } from "./events.ts";
import { freshDirectories } from "./fresh-directories.ts";
import { scanning } from "./scanning.ts";
import type { Scanning } from "./scanning.ts";
import { expectWithout } from "./secret-shapes.ts";

// What a whole scan at its most talkative leaves anywhere is searched for its secret: files, logs, command lines, environments of recos, errors.

const freshDirectory = freshDirectories();
async function fresh(env: Readonly<Record<string, string>>): Promise<Scanning> {
  return scanning(await freshDirectory(), { reco: "dummy", nsides: ["1:0"], env: { SKYSCAN_LOG: "trace", ...env } });
}

/** Command lines of all, environments of recos: neither may be read by others of the machine, or by recos, and tell the secret. */
async function expectProcessesWithout(secret: string, server: SkyscanProcess, client: SkyscanProcess): Promise<void> {
  const below = await descendants(client.pid);
  const recos = [...below].filter(([, command]) => command.includes("dummy.mjs")).map(([pid]) => pid);
  expect(recos).toHaveLength(1);
  for (const pid of [server.pid, client.pid, ...below.keys()]) {
    expectWithout(secret, await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => ""), `the command line of ${pid}`);
  }
  for (const pid of below.keys()) {
    expectWithout(secret, await readFile(`/proc/${pid}/environ`, "utf8").catch(() => ""), `the environment of ${pid}`);
  }
}

const expectEndsWithout = (secret: string, ends: readonly SkyscanEnd[]): void => {
  for (const { stdout, stderr } of ends) expectWithout(secret, stdout + stderr, "what a process said");
};

/** Every file that the scan wrote, but for those that are there to hold it. */
async function expectFilesWithout(secret: string, scan: Scanning, keepers: readonly string[] = []): Promise<void> {
  const files = (await readdir(scan.directory, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile());
  const names = files.map((file) => join(file.parentPath, file.name));
  expect(names.map((name) => name.slice(scan.directory.length + 1))).toEqual(
    expect.arrayContaining([
      "client-startup.json",
      `out/${simulatedName}_1.npz`,
      `out/${simulatedName}.scan-manifest.json`,
      expect.stringMatching(/^cache\/.*\/journal$/),
      expect.stringMatching(/^debug\//),
    ]),
  );
  for (const name of names) {
    if (!keepers.some((keeper) => name.endsWith(keeper))) expectWithout(secret, await readFile(name), name);
  }
}

async function wholeScan(scan: Scanning, secretOf: () => Promise<string>, keepers: readonly string[] = []): Promise<void> {
  const server = scan.server("--reco-option", "runtime=0.1");
  const client = scan.client("--debug-directory", join(scan.directory, "debug"));
  await scan.done(1);
  const secret = await secretOf();
  await expectProcessesWithout(secret, server, client);
  const asked = await scan.status("--json");
  const ends = [asked, await server.ended, await client.ended];
  for (const { status } of ends) expect(status).toBe(0);
  expectEndsWithout(secret, ends);
  await expectFilesWithout(secret, scan, keepers);
}

describe("the secret of a scan stands in no file, no log, no command line, no environment of a reco", () => {
  test("embedded: but for the token file, which is its owner's alone", async () => {
    const scan = await fresh({});
    const tokenOf = async (): Promise<string> => {
      const startup = JSON.parse(await readFile(scan.startup, "utf8")) as { broker: { tokenFile: string } };
      return (await readFile(startup.broker.tokenFile, "utf8")).trim();
    };
    await wholeScan(scan, tokenOf, ["/broker-token"]);
  });

  describe.skipIf(rabbitmqMissing !== undefined)("RabbitMQ", () => {
    // Characters that are written otherwise in addresses and in JSON.
    const password = `${randomBytes(12).toString("hex")}/+"ä@:`;
    let broker: Rabbitmq;
    beforeAll(async () => {
      broker = await startRabbitmq();
      await broker.addUser("scanner", password);
      await broker.setRights("scanner", "/", { configure: ".*", write: ".*", read: ".*" });
    });
    afterAll(() => broker.stop());
    const at = (user: string): string => `amqp://${user}@127.0.0.1:${broker.port}`;

    test("given as SKYSCAN_BROKER_AUTH", async () => {
      await wholeScan(await fresh({ SKYSCAN_BROKER_ADDRESS: at("scanner"), SKYSCAN_BROKER_AUTH: password }), () =>
        Promise.resolve(password),
      );
    });

    test("given as a file, whose name alone is told", async () => {
      const scan = await fresh({ SKYSCAN_BROKER_ADDRESS: at("scanner"), SKYSCAN_BROKER_AUTH_FILE: "" });
      const file = join(scan.directory, "the-token");
      await writeFile(file, `${password}\n`);
      await chmod(file, 0o600);
      const env = { SKYSCAN_LOG: "trace", SKYSCAN_BROKER_ADDRESS: at("scanner"), SKYSCAN_BROKER_AUTH_FILE: file };
      const told = scanning(scan.directory, { reco: "dummy", nsides: ["1:0"], env });
      await wholeScan(told, () => Promise.resolve(password), ["/the-token"]);
      expect(await readFile(told.startup, "utf8")).toContain(file);
    });

    test("given within the address", async () => {
      await wholeScan(await fresh({ SKYSCAN_BROKER_ADDRESS: at(`scanner:${encodeURIComponent(password)}`) }), () =>
        Promise.resolve(password),
      );
    });

    test("and in no error of a connection that fails", async () => {
      const nobody = await freePort();
      const addresses = [
        at(`scanner:${encodeURIComponent(`${password}x`)}`),
        at(`another:${encodeURIComponent(password)}`),
        `${at(`scanner:${encodeURIComponent(password)}`)}/nowhere`,
        `amqps://scanner:${encodeURIComponent(password)}@127.0.0.1:${broker.port}`,
        `amqp://scanner:${encodeURIComponent(password)}@127.0.0.1:${nobody}`,
        `http://scanner:${encodeURIComponent(password)}@127.0.0.1:${nobody}`,
        `amqp://scanner:${encodeURIComponent(password)}@127.0.0.1:999999`,
        `amqp://scanner:${password}%zz@127.0.0.1`,
      ];
      const ends = await Promise.all(
        addresses.map(async (address) => (await fresh({ SKYSCAN_BROKER_ADDRESS: address })).server().ended),
      );
      for (const [index, end] of ends.entries()) expect([index, end.status]).toEqual([index, 2]);
      expectEndsWithout(password, ends);
      const doctor = await runSkyscan(["doctor"], { env: { SKYSCAN_LOG: "trace", SKYSCAN_BROKER_ADDRESS: addresses[0]! } });
      expectEndsWithout(password, [doctor]);
    });
  });
});
