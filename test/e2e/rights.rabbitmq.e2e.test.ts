// Starts a real RabbitMQ whose users have exactly the rights that docs/brokers.md asks for, or one less.
import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { rabbitmqMissing, repositoryPath, startRabbitmq } from "@skyscan/testing";
import type { Rabbitmq, Rights, SkyscanEnd } from "@skyscan/testing";
import { simulatedName } from "./events.ts";
import { freshDirectories } from "./fresh-directories.ts";
import { scanning } from "./scanning.ts";
import type { Scanning } from "./scanning.ts";

type Side = "server" | "client";
const operations = ["configure", "write", "read"] as const;

/** The patterns as they stand on the page, which is what people copy. */
function rightsOf(page: string, side: Side): Rights {
  const row = page.split("\n").find((line) => line.startsWith(`| ${side} | \`^`))!;
  const [configure, write, read] = [...row.matchAll(/`([^`]+)`/g)].map(([, pattern]) => pattern!.replaceAll("\\|", "|"));
  return { configure: configure!, write: write!, read: read! };
}

/** Each of the names that a pattern lets through, with the pattern that lets all through but this one. */
function oneLess(pattern: string): readonly (readonly [string, string])[] {
  const names = pattern.match(/[a-z]+(-[a-z]+)?-?(\\\.[a-z]+\$?)?/g) ?? [];
  return names.map((name) => {
    const [before, after] = [`${name}|`, `|${name}`];
    const less = pattern.includes(before) ? pattern.replace(before, "") : pattern.replace(after, "");
    return [name.replace(/[\\$]|-$/g, ""), less === pattern ? "^$" : less];
  });
}

interface User {
  readonly name: string;
  /** What it may not do, for the test's name. */
  readonly without: string;
  /** What must be named to whoever has to grant it. */
  readonly named: string;
  readonly rights: Rights;
}

const usersWithOneLess = (side: Side, rights: Rights): readonly User[] =>
  operations.flatMap((operation) =>
    oneLess(rights[operation]).map(([named, pattern]) => ({
      name: `${side}-no-${operation}-${named}`,
      without: `${operation} ${named}`,
      named,
      rights: { ...rights, [operation]: pattern },
    })),
  );

/** All users in one call: rabbitmqctl takes a second or two for each. */
async function addUsers(broker: Rabbitmq, users: readonly User[]): Promise<void> {
  const binary = (text: string): string => `<<"${text.replaceAll("\\", "\\\\")}">>`;
  const list = users.map(({ name, rights }) => `{${[name, rights.configure, rights.write, rights.read].map(binary).join(", ")}}`);
  const module = "rabbit_auth_backend_internal";
  const add = `${module}:add_user(User, <<"open sesame">>, <<"test">>)`;
  const grant = `${module}:set_permissions(User, <<"/">>, Configure, Write, Read, <<"test">>)`;
  await broker.ctl("eval", `lists:foreach(fun({User, Configure, Write, Read}) -> ${add}, ${grant} end, [${list.join(", ")}]).`);
}

const page = await readFile(repositoryPath("docs/brokers.md"), "utf8");
const full: Readonly<Record<Side, User>> = {
  server: { name: "server", without: "", named: "", rights: rightsOf(page, "server") },
  client: { name: "client", without: "", named: "", rights: rightsOf(page, "client") },
};
const servers = usersWithOneLess("server", full.server.rights);
const clients = usersWithOneLess("client", full.client.rights);

describe.skipIf(rabbitmqMissing !== undefined)("the rights of docs/brokers.md", () => {
  let broker: Rabbitmq;
  const freshDirectory = freshDirectories();
  beforeAll(async () => {
    broker = await startRabbitmq();
    await addUsers(broker, [full.server, full.client, ...servers, ...clients]);
  });
  afterAll(() => broker.stop());

  const envOf = (user: string): Record<string, string> => ({
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
    expect(await broker.ctl("list_queues", "name", "--quiet")).not.toContain(simulatedName);
    expect(await broker.ctl("list_exchanges", "name", "--quiet")).not.toContain(simulatedName);
  });

  function expectRefusal(end: SkyscanEnd, user: User): void {
    expect([user.without, end.status]).toEqual([user.without, 2]);
    expect(end.stderr, user.without).toContain("docs/brokers.md");
    expect(end.stderr, user.without).toContain(user.named);
    expect(end.stderr).not.toContain("sesame");
  }

  test("are all needed by the server: with any one less it ends with status 2 at the start and names it", async () => {
    expect(servers.length).toBe(13);
    for (let at = 0; at < servers.length; at += 4) {
      const some = servers.slice(at, at + 4);
      const ends = await Promise.all(some.map(async (user) => (await scanAs(user.name)).server().ended));
      for (const [index, end] of ends.entries()) expectRefusal(end, some[index]!);
    }
  }, 300_000);

  test("are all needed by a client: with any one less it ends with status 2 at the start and names it", async () => {
    expect(clients.length).toBe(6);
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
