import { expect } from "vitest";
import { declinedFor, failureFor, resultFor } from "./deliveries.ts";
import type { ScanDesk } from "./scan-by-hand.ts";

/** The unit that has the trouble. */
export const odd = "1/7/0";

/** After a failure the unit comes with a host to avoid; declined twice for that, it comes without, and is fitted. */
export async function declineTwice(desk: ScanDesk): Promise<void> {
  const scan = desk.start();
  const client = await desk.client(await scan.startup);
  client.answerAll(undefined, ({ unit }) => unit === odd);
  await (await client.work(odd)).answer(failureFor(odd, 1));
  for (const _ of [1, 2]) {
    const work = await client.work(odd);
    expect(work).toMatchObject({ attempt: 2, avoid: ["host-a"] });
    await work.answer(declinedFor(odd, 2));
  }
  const last = await client.work(odd);
  expect(last.attempt).toBe(2);
  expect(last.avoid).toBeUndefined();
  await last.answer(resultFor(odd, 1, 2));
  expect(await scan.end).toMatchObject({ status: 0 });
  expect(await desk.manifest()).toMatchObject({ counters: { declined: 2, failures: 1 } });
}

/** A client gives the unit back to the broker each time: four times the dead letters send it again, then it is `killed`. */
export async function returnAlways(desk: ScanDesk): Promise<void> {
  const scan = desk.start();
  const client = await desk.client(await scan.startup);
  let returns = 0;
  client.answerAll(undefined, (work) => {
    if (work.unit !== odd) return false;
    returns += 1;
    work.delivery.requeue();
    return true;
  });
  expect(await scan.end).toMatchObject({ status: 0 });
  // Five lives of one delivery and five returns each.
  expect(returns).toBe(30);
  const manifest = await desk.manifest();
  expect(manifest).toMatchObject({ counters: { dead: 5, failures: 0 }, failures: { "by code": { killed: 1 } } });
  expect(manifest.failures.list).toMatchObject([{ unit: odd, tries: [] }]);
}
