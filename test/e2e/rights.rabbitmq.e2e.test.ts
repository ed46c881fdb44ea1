// Starts a real RabbitMQ whose users have exactly the rights that docs/brokers.md asks for, or one less.
import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { rabbitmqMissing, repositoryPath, startRabbitmq } from "@skyscan/testing";
import type { Rabbitmq, Rights } from "@skyscan/testing";
import { rightsAreEnoughAndNeeded } from "./rights.ts";
import type { RightsUser } from "./rights.ts";

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

interface User extends RightsUser {
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
  beforeAll(async () => {
    broker = await startRabbitmq();
    await addUsers(broker, [full.server, full.client, ...servers, ...clients]);
  });
  afterAll(() => broker.stop());

  rightsAreEnoughAndNeeded({
    env: (user) => ({
      SKYSCAN_BROKER_ADDRESS: `${user}@127.0.0.1:${broker.port}`,
      SKYSCAN_BROKER_AUTH: "open sesame",
    }),
    inventory: async () =>
      `${await broker.ctl("list_queues", "name", "--quiet")} ${await broker.ctl("list_exchanges", "name", "--quiet")}`,
    servers,
    clients,
  });

  test("are taken apart into each that is on the page", () => {
    expect([servers.length, clients.length]).toEqual([13, 6]);
  });
});
