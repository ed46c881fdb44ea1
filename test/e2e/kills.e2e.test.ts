import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { driverLaunchers } from "@skyscan/testing";
import type { SkyscanProcess, TestBroker } from "@skyscan/testing";
import { simulatedName } from "./events.ts";
import { freshDirectories } from "./fresh-directories.ts";
import { nothingLeft } from "./nothing-left.ts";
import { scanning } from "./scanning.ts";
import type { Scanning } from "./scanning.ts";

// kill -9 of a client, of the broker and of the server in the middle of whole scans: the result is that of the undisturbed scan,
// what was journalled is never fitted again, and the clients go on by themselves.

const reco = "dummy";
const slow = ["--reco-option", "runtime=0.01"];
const nsides = ["8:0", "64:12"];
const plannedUnits = 768 + 768;

let reference: Buffer;
const freshDirectory = freshDirectories();
async function fresh(env: Readonly<Record<string, string>> = {}): Promise<Scanning> {
  return scanning(await freshDirectory(), { reco, nsides, env });
}

/** Fits that the clients answered with a result, by their own count at goodbye. */
const answered = (server: SkyscanProcess): number =>
  [...server.stderr.matchAll(/"done":(\d+),"failed":\d+,"why":[^}]*"msg":"a worker left"/g)].reduce(
    (sum, match) => sum + Number(match[1]),
    0,
  );

/** Where a resumed server says that it stood. */
const doneAtStart = (server: SkyscanProcess): number => Number(/"done":(\d+),"msg":"scan goes on"/.exec(server.stderr)?.[1]);

/** kill -9 of the server; the same command then completes the scan, from where it was and with the same bytes. Returns the second one. */
async function killedAndResumed(
  scan: Scanning,
  first: SkyscanProcess,
  clients: readonly SkyscanProcess[],
): Promise<SkyscanProcess> {
  first.kill("SIGKILL");
  await first.ended;
  const journalled = (await scan.manifest())!.progress.tallies["total recos"];
  const second = scan.server(...slow);
  expect(await second.ended).toMatchObject({ status: 0 });
  for (const client of clients) expect(await client.ended).toMatchObject({ status: 0 });
  expect((await scan.npz("8_64")).equals(reference)).toBe(true);
  expect(doneAtStart(second)).toBeGreaterThanOrEqual(journalled);
  return second;
}

describe("what is killed", () => {
  beforeAll(async () => {
    const scan = await fresh();
    expect(await scan.scan("--clients", "2", ...slow).ended).toMatchObject({ status: 0 });
    reference = await scan.npz("8_64");
  });

  test("a client and then the server, over the embedded broker", async () => {
    const scan = await fresh();
    const first = scan.server(...slow);
    const killed = scan.client();
    const clients = [scan.client(), scan.client()];
    await scan.done(100);
    killed.kill("SIGKILL");
    await scan.done(400);
    await killedAndResumed(scan, first, clients);
    expect((await scan.manifest())!.scan_metadata.run).toBe(2);
  });

  for (const { title, missing, start } of driverLaunchers)
    describe.skipIf(missing !== undefined)(`over ${title}`, () => {
      let broker: TestBroker;
      beforeAll(async () => {
        broker = await start();
      });
      afterAll(() => broker.stop());

      test("a client, then the broker, then the server", async () => {
        const scan = await fresh(broker.env());
        const first = scan.server(...slow);
        const killed = scan.client();
        const clients = [scan.client(), scan.client()];
        await scan.done(100);
        killed.kill("SIGKILL");
        await scan.done(300);
        await broker.kill9();
        await broker.restart();
        await first.said("the broker is back");
        await scan.done(600);
        const second = await killedAndResumed(scan, first, clients);
        // All that the surviving clients fitted after the restart and before it, and not a whole scan more.
        expect(answered(second)).toBeLessThan(plannedUnits + 300);
        await nothingLeft(broker, simulatedName);
      });
    });
});
