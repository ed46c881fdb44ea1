import { expect, test } from "vitest";
import type { SkyscanEnd } from "@skyscan/testing";
import { simulatedName } from "./events.ts";
import { freshDirectories } from "./fresh-directories.ts";
import { scanning } from "./scanning.ts";
import type { Scanning } from "./scanning.ts";

/** Somebody at a broker, who may do what the page asks for but for one thing. */
export interface RightsUser {
  readonly name: string;
  /** What it may not do, for the failure's message. */
  readonly without: string;
  /** What must be named to whoever has to grant it. */
  readonly named: string;
}

export interface RightsStage {
  /** How a process of this user finds the broker. */
  readonly env: (user: string) => Readonly<Record<string, string>>;
  /** The names of all that is at the broker. */
  readonly inventory: () => Promise<string>;
  /** Who finds out at the start. */
  readonly servers: readonly RightsUser[];
  readonly clients: readonly RightsUser[];
}

/** Declares the tests of a broker's rights; users `server` and `client` have exactly those of the page. To be called within a `describe`. */
export function rightsAreEnoughAndNeeded({ env, inventory, servers, clients }: RightsStage): void {
  const freshDirectory = freshDirectories();
  const settings = { reco: "dummy", nsides: ["1:0"] };
  const scanAs = async (user: string): Promise<Scanning> => scanning(await freshDirectory(), { ...settings, env: env(user) });
  const asClient = (scan: Scanning, user: string): Scanning => scanning(scan.directory, { ...settings, env: env(user) });

  /** A few at a time. */
  async function allRefused(users: readonly RightsUser[], end: (user: RightsUser) => Promise<SkyscanEnd>): Promise<void> {
    for (let at = 0; at < users.length; at += 4) {
      const some = users.slice(at, at + 4);
      const ends = await Promise.all(some.map(end));
      for (const [index, { status, stderr }] of ends.entries()) {
        const { without, named } = some[index]!;
        expect([without, status]).toEqual([without, 2]);
        expect(stderr, without).toContain("docs/brokers.md");
        expect(stderr, without).toContain(named);
        expect(stderr).not.toContain("sesame");
      }
    }
  }

  test("are enough for a whole scan, also for one that is resumed", async () => {
    const scan = await scanAs("server");
    const first = scan.server();
    await first.said("clients may start");
    first.kill("SIGKILL");
    await first.ended;
    const second = scan.server();
    const client = asClient(scan, "client").client();
    expect(await second.ended).toMatchObject({ status: 0 });
    expect(await client.ended).toMatchObject({ status: 0 });
    expect(await scan.manifest()).toMatchObject({ state: "finished", scan_metadata: { run: 2 } });
    expect(await inventory()).not.toContain(simulatedName);
  });

  test("are needed by the server: without one it ends with status 2 at the start and names it", async () => {
    await allRefused(servers, async ({ name }) => (await scanAs(name)).server().ended);
  }, 300_000);

  test("are all needed by a client: without one it ends with status 2 at the start and names it", async () => {
    const scan = await scanAs("server");
    const server = scan.server("--reco-option", "runtime=0.1");
    await server.said("clients may start");
    await allRefused(clients, ({ name }) => asClient(scan, name).client().ended);
    const client = asClient(scan, "client").client();
    expect(await server.ended).toMatchObject({ status: 0 });
    expect(await client.ended).toMatchObject({ status: 0 });
  }, 300_000);
}
