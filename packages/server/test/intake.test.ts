import { encode, packageVersion, protocolVersion } from "@skyscan/protocol";
import { silentLogger } from "@skyscan/runtime";
import { Packr } from "msgpackr";
import { beforeEach, describe, expect, test } from "vitest";
import { createCounters } from "../src/state/counters.ts";
import type { Counters } from "../src/state/counters.ts";
import { createIntake } from "../src/units/intake.ts";
import type { Intake } from "../src/units/intake.ts";
import { createWorkers } from "../src/workers/workers.ts";
import type { Workers } from "../src/workers/workers.ts";
import { consumerOf, deliveryOf, recoIdentity, recordingBroadcaster, scan, statusOf } from "./deliveries.ts";

let workers: Workers;
let counters: Counters;
let broadcaster: ReturnType<typeof recordingBroadcaster>;
let intake: Intake;
let beats: number;
let came: number;
let nowMs: number;

beforeEach(() => {
  nowMs = 0;
  workers = createWorkers(() => nowMs);
  counters = createCounters();
  broadcaster = recordingBroadcaster();
  beats = 0;
  came = 0;
  intake = createIntake({
    scanId: scan,
    run: 2,
    reco: recoIdentity,
    workers,
    broadcaster,
    counters,
    manifest: () => ({ state: "scanning" }),
    nowMs: () => nowMs,
    logger: silentLogger,
    onBeat: () => {
      beats += 1;
    },
    onCame: () => {
      came += 1;
    },
  });
});

const hear = async (...bodies: readonly Uint8Array[]): Promise<boolean[]> => {
  const deliveries = bodies.map(deliveryOf);
  await intake.consume(consumerOf(...deliveries));
  return deliveries.map(({ acked }) => acked);
};

describe("a hello", () => {
  const versions = { protocol: protocolVersion, package: "0.0.9", reco: recoIdentity };

  test("of the same versions is welcome", async () => {
    await hear(encode(statusOf("host-a-1", { state: "hello" })));
    expect([workers.everSeen, beats, broadcaster.sent.length]).toEqual([1, 1, 0]);
  });

  test("is a coming once, however often the worker is heard of afterwards", async () => {
    await hear(encode(statusOf("host-a-1", { state: "hello" })), encode(statusOf("host-a-1")), encode(statusOf("host-b-1")));
    expect([came, beats]).toEqual([2, 3]);
  });

  test("of another protocol is answered with leave and one clear sentence", async () => {
    await hear(encode(statusOf("host-a-1", { state: "hello", versions: { ...versions, protocol: 99 } })));
    expect(broadcaster.sent).toEqual([
      {
        v: protocolVersion,
        scan,
        run: 2,
        type: "leave",
        worker: "host-a-1",
        why: `the client (skyscan 0.0.9) speaks protocol 99, the server (skyscan ${packageVersion}) ${protocolVersion}: use the same version`,
      },
    ]);
    expect(counters.workersToldToLeave).toBe(1);
  });

  test.each([
    ["name", { ...recoIdentity, name: "pandel" }],
    ["version", { ...recoIdentity, version: "1.0.1" }],
    ["manifest", { ...recoIdentity, manifestSha256: "cd".repeat(32) }],
  ])("of another reco %s is told to leave, once", async (_, reco) => {
    const late = statusOf("host-a-1", { versions: { ...versions, reco } });
    await hear(encode(late), encode(late));
    expect(broadcaster.sent).toMatchObject(
      [{ type: "leave", worker: "host-a-1", why: /same reco directory/ }].map((message) => ({
        ...message,
        why: expect.stringMatching(message.why) as unknown,
      })),
    );
  });
});

describe("a client of another protocol version", () => {
  const foreign = (worker: string): Uint8Array =>
    new Packr({ useRecords: false }).pack({ v: 99, type: "beat", worker, versions: { package: "9.0.0" }, more: "unknown" });

  test("whose beats cannot even be read is refused once, in one clear sentence", async () => {
    await hear(foreign("host-z-1"), foreign("host-z-1"), foreign("host-z-1"));
    expect(broadcaster.sent).toMatchObject([
      {
        type: "leave",
        worker: "host-z-1",
        why: `the client (skyscan 9.0.0) speaks protocol 99, the server (skyscan ${packageVersion}) ${protocolVersion}: use the same version`,
      },
    ]);
    expect([counters.workersToldToLeave, counters.invalid]).toEqual([1, 3]);
  });
});

test("a worker that was told to leave and goes on working is told again, not counted again", async () => {
  await hear(encode(statusOf("host-a-1")));
  intake.tellToLeave("host-a-1", "it fails what others do");
  await hear(encode(statusOf("host-a-1")), encode(statusOf("host-a-1", { state: "draining" })));
  expect(broadcaster.sent).toHaveLength(1);
  nowMs = 20_000;
  await hear(encode(statusOf("host-a-1")), encode(statusOf("host-a-1")));
  expect(broadcaster.sent).toMatchObject([
    { why: "it fails what others do" },
    { worker: "host-a-1", why: "it fails what others do" },
  ]);
  expect(counters.workersToldToLeave).toBe(1);
});

test("a question for the status is answered with the manifest, under its id", async () => {
  await hear(encode({ v: protocolVersion, type: "status-request", scan, id: "q-1" }));
  expect(broadcaster.sent).toMatchObject([{ type: "status", id: "q-1", manifest: { state: "scanning" } }]);
});

test("what cannot be understood, and what is of another scan, is acked and counted", async () => {
  const acked = await hear(
    new Uint8Array([1, 2, 3]),
    encode(statusOf("host-a-1", { scan: "another" })),
    encode(statusOf("host-a-2")),
  );
  expect(acked).toEqual([true, true, true]);
  expect([counters.invalid, counters.foreign, workers.everSeen]).toEqual([1, 1, 1]);
});
