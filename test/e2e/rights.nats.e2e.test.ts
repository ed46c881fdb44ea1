// Starts a real NATS server whose users have exactly the rights that docs/brokers.md asks for, or one less.
import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { natsMissing, repositoryPath, startNats } from "@skyscan/testing";
import type { Nats } from "@skyscan/testing";
import { rightsAreEnoughAndNeeded } from "./rights.ts";
import type { RightsUser } from "./rights.ts";

type Side = "server" | "client";
const operations = ["publish", "subscribe"] as const;
type Rights = Readonly<Record<(typeof operations)[number], readonly string[]>>;

interface User extends RightsUser {
  readonly rights: Rights;
}

/** Found out only while a scan runs, or by whoever comes after it. */
const later: readonly string[] = ["$JS.API.STREAM.DELETE.*", "$JS.API.STREAM.MSG.DELETE.skyscan-locks", "skyscan.holder.*"];

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
      // The stars of the right stand for names.
      named: subject.split(/[*>]/)[0]!,
      rights: { ...rightsOf(side), [operation]: rightsOf(side)[operation].filter((other) => other !== subject) },
    })),
  );

const full = (["server", "client"] as const).map((side): User => ({
  name: side,
  without: "",
  named: "",
  rights: rightsOf(side),
}));
const [servers, clients] = [usersWithOneLess("server"), usersWithOneLess("client")];

function configOf({ name, rights }: User): string {
  const list = (subjects: readonly string[]): string => `[${subjects.map((subject) => JSON.stringify(subject)).join(", ")}]`;
  const permissions = `publish: ${list(rights.publish)}, subscribe: ${list(rights.subscribe)}, allow_responses: ${name.startsWith("server")}`;
  return `{ user: "${name}", password: "open sesame", permissions: { ${permissions} } }`;
}

describe.skipIf(natsMissing !== undefined)("the rights of docs/brokers.md at NATS", () => {
  let broker: Nats;
  beforeAll(async () => {
    const users = [...full, ...servers, ...clients].map(configOf);
    broker = await startNats({ config: [`accounts { SCANS { jetstream: enabled, users: [\n${users.join("\n")}\n] } }`] });
  });
  afterAll(() => broker.stop());

  rightsAreEnoughAndNeeded({
    env: (user) => ({
      SKYSCAN_BROKER_CLIENT: "nats",
      SKYSCAN_BROKER_ADDRESS: `${user}@127.0.0.1:${broker.port}`,
      SKYSCAN_BROKER_AUTH: "open sesame",
    }),
    inventory: async () => String((await broker.inventory()).names),
    servers: servers.filter(({ without }) => !later.includes(without)),
    clients,
  });

  test("are taken apart into each that is on the page", () => {
    expect(servers.map(({ without }) => without)).toEqual(expect.arrayContaining([...later]));
    expect(servers.length - later.length).toBeGreaterThan(10);
    expect(clients.length).toBeGreaterThan(5);
  });
});
