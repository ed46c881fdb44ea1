import { encode, packageVersion, protocolVersion } from "@skyscan/protocol";
import { silentLogger } from "@skyscan/runtime";
import { beforeEach, describe, expect, test } from "vitest";
import { createCounters } from "../src/counters.ts";
import type { Counters } from "../src/counters.ts";
import { createIntake } from "../src/intake.ts";
import type { Intake } from "../src/intake.ts";
import { createWorkers } from "../src/workers.ts";
import type { Workers } from "../src/workers.ts";
import { consumerOf, deliveryOf, recoIdentity, recordingBroadcaster, scan, statusOf } from "./deliveries.ts";

let workers: Workers;
let counters: Counters;
let broadcaster: ReturnType<typeof recordingBroadcaster>;
let intake: Intake;
let beats: number;

beforeEach(() => {
  workers = createWorkers(() => 0);
  counters = createCounters();
  broadcaster = recordingBroadcaster();
  beats = 0;
  intake = createIntake({
    scanId: scan,
    run: 2,
    reco: recoIdentity,
    workers,
    broadcaster,
    counters,
    manifest: () => ({ state: "scanning" }),
    logger: silentLogger,
    onBeat: () => {
      beats += 1;
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
