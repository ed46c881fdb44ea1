// Starts a real NATS server whose users have exactly the rights that docs/brokers.md asks for, or one less.
import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { natsMissing, repositoryPath, startNats } from "@skyscan/testing";
import type { Nats, SkyscanEnd } from "@skyscan/testing";
import { simulatedName } from "./events.ts";
import { freshDirectories } from "./fresh-directories.ts";
import { scanning } from "./scanning.ts";
import type { Scanning } from "./scanning.ts";

type Side = "server" | "client";
const operations = ["publish", "subscribe"] as const;
type Rights = Readonly<Record<(typeof operations)[number], readonly string[]>>;

interface User {
  readonly name: string;
  /** What it may not do. */
  readonly without: string;
  readonly rights: Rights;
}

const section = (await readFile(repositoryPath("docs/brokers.md"), "utf8")).split("## Rights (NATS)")[1]!;

/** The subjects as they stand on the page, which is what people copy. */
function rightsOf(side: Side): Rights {
  const row = section.split("\n").find((line) => line.startsWith(`| ${side} |`))!;
  const [publish, subscribe] = row
    .split("|")
    .slice(2)
    .map((cell) => [...cell.matchAll(/`([^`]+)`/g)].map(([, subject]) => subject!));
  return { publish: publish!, subscribe: subscribe! };
}

const usersWithOneLess = (side: Side): readonly User[] =>
  operations.flatMap((operation) =>
    rightsOf(side)[operation].map((subject, index) => ({
      name: `${side}-${operation}-${index}`,
      without: subject,
      rights: { ...rightsOf(side), [operation]: rightsOf(side)[operation].filter((other) => other !== subject) },
    })),
  );

const full = (["server", "client"] as const).map((side): User => ({ name: side, without: "", rights: rightsOf(side) }));
const [servers, clients] = [usersWithOneLess("server"), usersWithOneLess("client")];

function configOf({ name, rights }: User): string {
  const list = (subjects: readonly string[]): string => `[${subjects.map((subject) => JSON.stringify(subject)).join(", ")}]`;
  const permissions = `publish: ${list(rights.publish)}, subscribe: ${list(rights.subscribe)}, allow_responses: ${name.startsWith("server")}`;
  return `{ user: "${name}", password: "open sesame", permissions: { ${permissions} } }`;
}

describe.skipIf(natsMissing !== undefined)("the rights of docs/brokers.md at NATS", () => {
  let broker: Nats;
  const freshDirectory = freshDirectories();
  beforeAll(async () => {
    const users = [...full, ...servers, ...clients].map(configOf);
    broker = await startNats({ config: [`accounts { SCANS { jetstream: enabled, users: [\n${users.join("\n")}\n] } }`] });
  });
  afterAll(() => broker.stop());

  const envOf = (user: string): Record<string, string> => ({
    SKYSCAN_BROKER_CLIENT: "nats",
    SKYSCAN_BROKER_ADDRESS: `${user}@127.0.0.1:${broker.port}`,
    SKYSCAN_BROKER_AUTH: "open sesame",
  });
  async function scanAs(user: string): Promise<Scanning> {
    return scanning(await freshDirectory(), { reco: "dummy", nsides: ["1:0"], env: envOf(user) });
  }
  const asClient = (scan: Scanning, user: string): Scanning =>
    scanning(scan.directory, { reco: "dummy", nsides: ["1:0"], env: envOf(user) });

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
    expect(String((await broker.inventory()).names)).not.toContain(simulatedName);
  });

  function expectRefusal(end: SkyscanEnd, { without }: User): void {
    expect([without, end.status]).toEqual([without, 2]);
    expect(end.stderr, without).toContain("docs/brokers.md");
    // The stars of the right stand for names.
    expect(end.stderr, without).toContain(without.split(/[*>]/)[0]!);
    expect(end.stderr).not.toContain("sesame");
  }
  /** Found out only while a scan runs, or by whoever comes after it. */
  const later: readonly string[] = ["$JS.API.STREAM.DELETE.*", "$JS.API.STREAM.MSG.DELETE.skyscan-locks", "skyscan.holder.*"];

  test("are needed by the server: without one it ends with status 2 at the start and names it", async () => {
    const early = servers.filter(({ without }) => !later.includes(without));
    expect(early.length).toBeGreaterThan(10);
    for (let at = 0; at < early.length; at += 4) {
      const some = early.slice(at, at + 4);
      const ends = await Promise.all(some.map(async (user) => (await scanAs(user.name)).server().ended));
      for (const [index, end] of ends.entries()) expectRefusal(end, some[index]!);
    }
  }, 300_000);

  test("are all needed by a client: without one it ends with status 2 at the start and names it", async () => {
    const scan = await scanAs("server");
    const server = scan.server("--reco-option", "runtime=0.1");
    await server.said("clients may start");
    for (let at = 0; at < clients.length; at += 4) {
      const some = clients.slice(at, at + 4);
      const ends = await Promise.all(some.map((user) => asClient(scan, user.name).client().ended));
      for (const [index, end] of ends.entries()) expectRefusal(end, some[index]!);
    }
    const client = asClient(scan, "client").client();
    expect(await server.ended).toMatchObject({ status: 0 });
    expect(await client.ended).toMatchObject({ status: 0 });
  }, 300_000);
});
