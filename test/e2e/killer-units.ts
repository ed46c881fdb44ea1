import { expect } from "vitest";
import { temporaryDirectory } from "@skyscan/testing";
import type { SkyscanProcess } from "@skyscan/testing";
import { scanning } from "./scanning.ts";
import { makeScriptedReco } from "./scripted-reco.ts";

const killer = "1/5/0";

export interface KillerOptions {
  /** Whether the broker counts each message that was lost with a client, and so sets the unit's aside in time. Default: yes. */
  readonly lossesCount?: boolean;
}

/**
 * A whole scan with a unit that takes down each client that fits it. Clients have two slots, so that something else is always fitted beside it, and a
 * dead one is replaced, as batch systems do. The unit is NaN with code `killed` after six dead clients (where the broker does not count, when the
 * server knows of five lost ones); everything else is fitted.
 */
export async function scanWithKiller(
  env: Readonly<Record<string, string>>,
  { lossesCount = true }: KillerOptions = {},
): Promise<void> {
  const directory = await temporaryDirectory();
  try {
    const onUnit = `if (line.unit === "${killer}") { await pause(300); process.kill(client, "SIGKILL"); } else { await pause(100); answer(line); }`;
    const reco = await makeScriptedReco(directory.path, onUnit);
    const scan = scanning(directory.path, { reco: reco.name, nsides: ["1:0"], env });
    const server = scan.server("--reco-path", reco.path);
    let over = false;
    const statuses: (number | null)[] = [];
    const keepOne = async (): Promise<void> => {
      while (!over) {
        const client: SkyscanProcess = scan.client("--slots", "2", "--reco-path", reco.path);
        statuses.push((await client.ended).status);
      }
    };
    const clients = keepOne();
    const end = await server.ended;
    over = true;
    await clients;
    expect(end).toMatchObject({ status: 0 });
    const begun = await reco.begun();
    const killing = begun.filter(({ unit }) => unit === killer).length;
    const deaths = statuses.filter((status) => status !== 0);
    expect(deaths).toEqual(Array<null>(deaths.length).fill(null));
    if (lossesCount) {
      // The broker gives its message out six times; with six deaths, five of them told, the server knows enough not to send it again.
      expect([killing, deaths.length]).toEqual([6, 6]);
    } else {
      // A worker is lost after three beats, so that others may have drawn the message before the fifth is known to be; the last of them may
      // hear in time that the unit is given up.
      expect(deaths.length).toBeGreaterThanOrEqual(5);
      expect(deaths.length).toBeLessThanOrEqual(killing);
    }
    const manifest = (await scan.manifest())!;
    expect(manifest).toMatchObject({
      state: "finished",
      progress: { tallies: { "total recos": 12 } },
      counters: { failures: 0, ...(lossesCount && { dead: 1 }) },
    });
    expect(manifest.counters["workersLost"]).toBeGreaterThanOrEqual(5);
    expect(manifest.failures.list).toMatchObject([{ unit: killer, code: "killed", tries: [] }]);
    expect(manifest.failures.list[0]!.reason).toMatch(/workers were lost while they fitted it/);
    expect(new Set(begun.map(({ unit }) => unit)).size).toBe(12);
  } finally {
    await directory.remove();
  }
}
