import { expect, test } from "vitest";
import { decodeWork } from "@skyscan/protocol";
import { outcomesOf, workBytes, workUnit } from "./messages.ts";
import { queues, serve } from "./serving.ts";

/** A small generator with a seed (mulberry32), so that a failure can be repeated. */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test.each([1, 2, 3, 4, 5, 6])(
  "whatever the connection does, no unit is acked before its outcome is confirmed, and none is lost (seed %i)",
  async (seed) => {
    const random = randomOf(seed);
    const { standIn, runners, stop, end } = serve({ slots: 3, inFlight: 2 });
    const units = 120;
    for (let pixel = 0; pixel < units;) {
      const size = 1 + Math.floor(random() * 4);
      standIn.put(workBytes(Array.from({ length: size }, (_, index) => workUnit(pixel + index))));
      pixel += size;
    }
    const confirmed = (): ReadonlySet<string> => new Set(outcomesOf(standIn.confirmed(queues.replies)).map(({ unit }) => unit));
    let begun = 0;
    let checked = 0;
    for (let step = 0; standIn.waiting + standIn.out > 0; step += 1) {
      expect(step).toBeLessThan(20_000);
      const dice = random();
      if (dice < 0.02) standIn.reconnect();
      else if (dice < 0.06) standIn.holdConfirms();
      else if (dice < 0.16) standIn.confirm();
      const open = runners.fits.slice(begun);
      for (const fit of open) {
        if (random() < 0.3) fit.result();
        else if (random() < 0.05) fit.fail(false);
      }
      while (begun < runners.fits.length && runners.fits[begun]!.decided) begun += 1;
      await turn();
      const known = confirmed();
      for (; checked < standIn.ended.length; checked += 1) {
        const { how, body } = standIn.ended[checked]!;
        if (how === "ack") for (const { unit } of decodeWork(body).units) expect(known).toContain(unit);
      }
    }
    for (let pixel = 0; pixel < units; pixel += 1) expect(confirmed()).toContain(`1/${pixel}/0`);
    stop.abort();
    expect(await end).toMatchObject({ status: 5 });
  },
);
