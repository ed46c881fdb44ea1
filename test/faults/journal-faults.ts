import { open } from "node:fs/promises";
import type { Random } from "@skyscan/simulation";
import { whole } from "./chance.ts";
import type { Fault } from "./fault.ts";
import { journalPath } from "./progress.ts";

/** Kills the server and does this to its journal before it is started again. */
const spoils =
  (how: (journal: Awaited<ReturnType<typeof open>>, size: number, random: Random) => Promise<string>): Fault["strike"] =>
  async (stage, { at, random }) => {
    if (!(await stage.reached(at))) return false;
    const { server } = stage;
    return server.whileDown(async () => {
      if (!(await server.kill())) return false;
      const file = await open((await journalPath(stage.cacheDirectory))!, "r+");
      try {
        stage.note(`journal: ${await how(file, (await file.stat()).size, random)}`);
      } finally {
        await file.close();
      }
      return true;
    });
  };

const bytesOf = (random: Random, count: number): Buffer => Buffer.from(Array.from({ length: count }, () => whole(random, 256)));

export const journalFaults: readonly Fault[] = [
  {
    name: "torn-journal",
    what: "kill -9 of the server; the end of the journal is torn off, or is rubbish",
    weight: 2,
    strike: spoils(async (journal, size, random) => {
      if (random.uniform() < 0.5) {
        const length = Math.max(0, size - 1 - whole(random, 150));
        await journal.truncate(length);
        return `cut from ${size} to ${length} bytes`;
      }
      const rubbish = bytesOf(random, 1 + whole(random, 200));
      await journal.write(rubbish, 0, rubbish.length, size);
      return `${rubbish.length} bytes of rubbish behind ${size}`;
    }),
  },
  {
    name: "damaged-journal",
    what: "kill -9 of the server; up to 300 bytes anywhere in the journal are overwritten",
    weight: 3,
    strike: spoils(async (journal, size, random) => {
      const length = Math.min(size, 1 + whole(random, 300));
      const at = whole(random, size - length + 1);
      await journal.write(bytesOf(random, length), 0, length, at);
      return `${length} bytes at ${at} of ${size} overwritten`;
    }),
  },
];
