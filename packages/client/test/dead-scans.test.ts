// Startup files that servers left which were killed, among those of scans that go on. Time is the test's, so that nobody waits for ten minutes.
import { BrokerError } from "@skyscan/broker";
import { stat } from "node:fs/promises";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { ClientContext } from "../src/client-options.ts";
import type { ClientEnd } from "../src/ending.ts";
import { directory, makeScans, run } from "./scan-directory.ts";
import type { Scan } from "./scan-directory.ts";

// Node's own timers with promises are not the test's.
vi.mock(import("@skyscan/runtime"), async (original) => ({
  ...(await original()),
  pause: (ms, signal) =>
    new Promise((resolve) => {
      const over = (): void => {
        signal?.removeEventListener("abort", over);
        resolve();
      };
      setTimeout(over, ms);
      signal?.addEventListener("abort", over);
    }),
}));

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "setInterval", "clearInterval", "performance"] });
});
afterEach(() => {
  vi.useRealTimers();
});

/** Lets time go by until `test` is true. */
async function passUntil(test: () => boolean): Promise<void> {
  while (!test()) {
    await vi.advanceTimersByTimeAsync(1000);
    // Files are read at their own pace: time waits for it.
    for (let nth = 0; nth < 8; nth += 1) await stat(directory);
  }
}

interface Run {
  /** How often each scan was tried that cannot be reached. */
  readonly tries: ReadonlyMap<string, number>;
  readonly end: () => ClientEnd | undefined;
}

/** Runs a client that reaches the broker of `live` and no other. */
function runWithout(scans: readonly Scan[], live: Scan | undefined, lostSec: string): Run {
  const tries = new Map<string, number>();
  let ended: ClientEnd | undefined;
  const openBroker: NonNullable<ClientContext["openBroker"]> = async (resolve) => {
    const { address } = await resolve();
    if (address === live?.name) return live.broker.broker;
    tries.set(address, (tries.get(address) ?? 0) + 1);
    throw new BrokerError("unreachable", "nobody listens there");
  };
  const never = "1000000";
  const environment = { SKYSCAN_BROKER_LOST_SEC: lostSec, SKYSCAN_MQ_CLIENT_TIMEOUT_WAIT_FOR_FIRST_MESSAGE: never };
  void run(scans, {}, { openBroker, environment }).then((end) => (ended = end));
  return { tries, end: () => ended };
}

test("a scan whose server is gone keeps nobody from the others; when nothing else is left, it is waited for as a lost broker is: 4", async () => {
  const [dead, live] = (await makeScans(["a", "b"])) as [Scan, Scan];
  const { tries, end } = runWithout([dead, live], live, "600");
  live.put([0, 1]);
  await passUntil(() => live.runners.fits.length === 2);
  const before = tries.get("a")!;
  for (const pixel of [0, 1]) (await live.fit(pixel)).result();
  await passUntil(() => tries.get("a")! > before && live.broker.ended.length === 2);
  expect(live.answered).toEqual(["1/0/0", "1/1/0"]);
  live.finish();
  await passUntil(() => end() !== undefined);
  expect(end()).toMatchObject({ status: 4, why: expect.stringContaining("nobody listens there") as string });
});

test("scans whose servers are gone are not waited for anew with each turn that they have: many of them end the client as one does", async () => {
  const names = Array.from({ length: 12 }, (_, index) => `dead-${index}`);
  const { tries, end } = runWithout(await makeScans(names), undefined, "120");
  await passUntil(() => end() !== undefined);
  expect(end()).toMatchObject({ status: 4 });
  expect([...tries.keys()].sort()).toEqual([...names].sort());
});
