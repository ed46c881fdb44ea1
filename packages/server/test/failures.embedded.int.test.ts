// Runs real scans in this process over the embedded broker; the clients are played by hand.
import { encode } from "@skyscan/protocol";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { askStatus } from "../src/cache/status-socket.ts";
import { failureFor, holdingFor, replyBytes, resultFor } from "./deliveries.ts";
import type { HandClient } from "./hand-client.ts";
import { openDesk } from "./scan-by-hand.ts";
import type { Manifest, RunningScan, ScanDesk } from "./scan-by-hand.ts";
import { declineTwice, odd, returnAlways } from "./unfitted-units.ts";

vi.setConfig({ testTimeout: 30_000 });
let desk: ScanDesk;
let scan: RunningScan;
let client: HandClient;
beforeEach(async () => {
  desk = await openDesk();
});
afterEach(() => desk.close());

async function begin(more: Parameters<ScanDesk["start"]>[0] = {}): Promise<void> {
  scan = desk.start(more);
  client = await desk.client(await scan.startup);
}

/** All but the odd unit is answered by itself. */
const answerTheRest = (): void => client.answerAll(undefined, ({ unit }) => unit === odd);

async function manifestAtTheEnd(): Promise<Manifest> {
  client.answerAll();
  expect(await scan.end).toMatchObject({ status: 0 });
  return desk.manifest();
}

describe("a unit that fails", () => {
  test("comes again with attempt + 1 and the host to avoid; its attempts are in the manifest when it is NaN", async () => {
    await begin();
    answerTheRest();
    const hosts = ["host-a", "host-b", "host-c"];
    // Three hosts are there, so three must fail it.
    for (const host of hosts.slice(1)) await desk.client(await scan.startup, `${host}-1`).then((other) => other.close());
    const tries: (readonly string[] | undefined)[] = [];
    for (const [at, host] of hosts.entries()) {
      const work = await client.work(odd);
      tries.push(work.avoid);
      expect(work.attempt).toBe(at + 1);
      await work.answer(failureFor(odd, at + 1, { message: `no minimum on ${host}` }), { host, worker: `${host}-1` });
    }
    expect(tries).toEqual([undefined, ["host-a"], ["host-a", "host-b"]]);
    const manifest = await manifestAtTheEnd();
    expect(manifest.failures).toMatchObject({
      "failed units": 1,
      "by code": { crashed: 1 },
      list: [{ unit: odd, code: "crashed", reason: "no minimum on host-c" }],
    });
    expect(manifest.failures.list[0]!.tries).toMatchObject(
      hosts.map((host) => ({ host, message: `no minimum on ${host}`, "end of stderr": "the end of stderr" })),
    );
    expect(manifest).toMatchObject({ complete: true, counters: { failures: 3 } });
  });

  test("with --max-attempts 0 is tried for ever: eight failures, also over a restart of the server, and then its result", async () => {
    await begin({ maxAttempts: 0 });
    answerTheRest();
    const fail = async (from: number, to: number): Promise<void> => {
      for (let attempt = from; attempt <= to; attempt += 1) {
        const work = await client.work(odd);
        expect(work.attempt).toBe(attempt);
        await work.answer(failureFor(odd, attempt));
      }
    };
    await fail(1, 4);
    scan.stop();
    expect(await scan.end).toMatchObject({ status: 5 });
    await client.close();
    await begin({ maxAttempts: 0 });
    answerTheRest();
    await fail(5, 8);
    await (await client.work(odd)).answer(resultFor(odd, 1, 9));
    expect(await manifestAtTheEnd()).toMatchObject({ complete: true, failures: { "failed units": 0 } });
  });

  test("that failed twice before a restart of the server is given up at its third failure after it", async () => {
    await begin();
    answerTheRest();
    for (const attempt of [1, 2]) await (await client.work(odd)).answer(failureFor(odd, attempt));
    scan.stop();
    await scan.end;
    await client.close();
    await begin();
    answerTheRest();
    const work = await client.work(odd);
    expect(work).toMatchObject({ attempt: 3, avoid: ["host-a"] });
    await work.answer(failureFor(odd, 3));
    const manifest = await manifestAtTheEnd();
    expect(manifest.failures.list).toMatchObject([{ unit: odd, code: "crashed" }]);
    expect(manifest.failures.list[0]!.tries).toHaveLength(3);
  });

  test("with retry false is NaN at once", async () => {
    await begin();
    answerTheRest();
    const work = await client.work(odd);
    await work.answer(failureFor(odd, 1, { code: "bad-input", message: "no hits", retry: false }));
    expect((await manifestAtTheEnd()).failures).toMatchObject({
      "by code": { "bad-input": 1 },
      list: [{ unit: odd, reason: "no hits" }],
    });
    expect(client.seen.filter(({ unit }) => unit === odd)).toHaveLength(1);
  });

  test("in an attempt of before counts nothing; a result of before stands", async () => {
    await begin({ maxAttempts: 2 });
    answerTheRest();
    const first = await client.work(odd);
    await first.answer(failureFor(odd, 1));
    await client.reply([failureFor(odd, 1)]);
    await client.reply([failureFor(odd, 1)]);
    const second = await client.work(odd);
    expect(second.attempt).toBe(2);
    await client.reply([resultFor(odd, 3, 1)]);
    second.delivery.ack();
    expect(await manifestAtTheEnd()).toMatchObject({ counters: { failures: 1, duplicates: 2 }, failures: { "failed units": 0 } });
  });
});

describe("a unit that is answered twice", () => {
  test("is counted once; the second answer is dropped and counted", async () => {
    await begin();
    answerTheRest();
    const work = await client.work(odd);
    await client.reply([resultFor(odd, 3)]);
    // The scan is over with the last unit; a second answer to another one beforehand.
    await scan.end;
    work.delivery.ack();
    expect((await desk.manifest()).progress.tallies["total recos"]).toBe(12);
  });

  test("also while the scan goes on", async () => {
    await begin();
    await client.until(() => client.held.length === 12);
    const [one] = client.held;
    await one!.answer(resultFor(one!.unit, 3));
    await client.reply([resultFor(one!.unit, 1), resultFor(one!.unit, 2)]);
    expect(await askStatus(await desk.socket(), { ask: "unit", unit: one!.unit })).toMatchObject({ pixelBest: { llh: 3 } });
    expect(await manifestAtTheEnd()).toMatchObject({ counters: { duplicates: 2 } });
  });
});

describe("a unit that is not fitted here", () => {
  test("is declined twice, then comes without hosts to avoid", () => declineTwice(desk));

  test("is held: the delivery is acked, the server knows who has it, and sends it again when that one leaves", async () => {
    await begin();
    answerTheRest();
    const other = await desk.client(await scan.startup, "host-b-1", { slots: 1 });
    const held = await Promise.race([client.work(odd), other.work(odd)]);
    await held.answer(holdingFor(odd), { worker: "host-b-1", host: "host-b" });
    const socket = await desk.socket();
    expect(await askStatus(socket, { ask: "unit", unit: odd })).toMatchObject({ state: "outstanding", holder: "host-b-1" });
    for (const work of other.held) work.delivery.requeue();
    other.beat({ state: "goodbye" });
    await other.close();
    await (await client.work(odd)).answer(resultFor(odd, 1));
    expect(await manifestAtTheEnd()).toMatchObject({ counters: { holding: 1, republished: 1 } });
  });

  test("and keeps coming back to the broker: sent again four times from the dead letters, the fifth kills it", () =>
    returnAlways(desk));
});

describe("what is no answer", () => {
  test("is set aside, counted and acked, and the scan goes on", async () => {
    await begin();
    await client.publish(new Uint8Array([0xc1, 0, 1]));
    await client.publish(new Uint8Array(0));
    await client.publish(new TextEncoder().encode('{"unit":"1/0/0"}'));
    await client.publish(new Uint8Array(4 * 1024 * 1024).fill(0x91));
    await client.publish(encode({ v: 1, scan: "another", run: 1, type: "end" }));
    await client.publish(replyBytes([resultFor("1/0/0", -5)], { scan: "another" }));
    await client.reply([resultFor("8/0/0", -5), resultFor("1/12/0", -5), resultFor("1/0/1", -5), resultFor("x", -5)]);
    expect(await manifestAtTheEnd()).toMatchObject({ counters: { invalid: 5, foreign: 5 } });
  });
});
