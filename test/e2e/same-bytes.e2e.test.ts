import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { dataMissing, driverLaunchers } from "@skyscan/testing";
import type { TestBroker } from "@skyscan/testing";
import { bronze, bronzeName } from "./events.ts";
import { freshDirectories } from "./fresh-directories.ts";
import { nothingLeft } from "./nothing-left.ts";
import { scanning } from "./scanning.ts";

// Whole scans of a real event with the native reco, as processes: whatever the broker and the clients, the result has the same bytes.

const reco = "pandel_spe";
const nsides = ["8:0", "64:12"];
const settings = { event: bronze, eventName: bronzeName, reco, nsides };
const python = process.env["SKYSCAN_TEST_PYTHON"] ?? "python3";
const skyreader = `
import sys
from skyreader import SkyScanResult
npz = SkyScanResult.read_npz(sys.argv[1])
json = SkyScanResult.read_json(sys.argv[2])
assert npz.is_close(json), "npz and json differ"
print(npz.best_fit)
`;

let reference: Buffer;
const freshDirectory = freshDirectories();

describe.skipIf(dataMissing !== undefined)("a scan of a real event", () => {
  beforeAll(async () => {
    const one = scanning(await freshDirectory(), settings);
    const end = await one.scan("--clients", "1").ended;
    expect(end).toMatchObject({ status: 0 });
    reference = await one.npz("8_64");
    expect((await one.manifest())?.best_fit).toMatchObject({ llh: expect.closeTo(881, 0) as number });
  });

  test("gives the same bytes with many clients and slots over the embedded broker", async () => {
    const scan = scanning(await freshDirectory(), settings);
    const server = scan.server();
    const clients = [scan.client("--slots", "3"), scan.client("--slots", "2"), scan.client()];
    expect(await server.ended).toMatchObject({ status: 0 });
    for (const client of clients) expect(await client.ended).toMatchObject({ status: 0 });
    expect((await scan.npz("8_64")).equals(reference)).toBe(true);
  });

  for (const { title, missing, start } of driverLaunchers)
    describe.skipIf(missing !== undefined)(`over ${title}`, () => {
      let broker: TestBroker;
      beforeAll(async () => {
        broker = await start();
      });
      afterAll(() => broker.stop());

      test("one server and two clients complete it, with the same bytes, readable by skyreader; nothing is left in the broker", async () => {
        const directory = await freshDirectory();
        const scan = scanning(directory, { ...settings, env: broker.env() });
        const server = scan.server();
        const clients = [scan.client(), scan.client()];
        expect(await server.ended).toMatchObject({ status: 0 });
        for (const client of clients) expect(await client.ended).toMatchObject({ status: 0 });
        expect((await scan.npz("8_64")).equals(reference)).toBe(true);
        await nothingLeft(broker, bronzeName);
        const file = join(directory, "out", `${bronzeName}_8_64`);
        const read = await promisify(execFile)(python, ["-c", skyreader, `${file}.npz`, `${file}.json`]);
        expect(read.stdout).toContain("881.29");
      });

      test("two scans with the same settings from different caches, and one with others, do not disturb each other", async () => {
        const env = broker.env();
        const scans = [
          scanning(await freshDirectory(), { ...settings, env }),
          scanning(await freshDirectory(), { ...settings, env }),
          scanning(await freshDirectory(), { ...settings, reco: "dummy", nsides: ["8:0"], env }),
        ];
        const servers = scans.map((scan) => scan.server());
        const clients = scans.map((scan) => scan.client("--slots", "2"));
        for (const server of servers) expect(await server.ended).toMatchObject({ status: 0 });
        for (const client of clients) expect(await client.ended).toMatchObject({ status: 0 });
        expect((await scans[0]!.npz("8_64")).equals(reference)).toBe(true);
        expect((await scans[1]!.npz("8_64")).equals(reference)).toBe(true);
        expect((await scans[2]!.npz("8")).length).toBeGreaterThan(768 * 64);
        await nothingLeft(broker, bronzeName);
      });
    });
});
