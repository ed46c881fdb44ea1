import { expect, it } from "vitest";
import { silentLogger } from "@skyscan/runtime";
import { ownSettings } from "../src/connection-settings.ts";
import { openBroker } from "../src/open.ts";
import { drivers } from "../src/registry.ts";
import { connectionSettings, readBrokerSettings } from "../src/settings.ts";

const somewhere = { address: "127.0.0.1:1", auth: undefined, goneSec: 60 };

it("a broker that no row names is refused with the names that are allowed, from the environment and from a startup file", async () => {
  const problems: string[] = [];
  const settings = readBrokerSettings(problems, { SKYSCAN_BROKER_CLIENT: "carrier-pigeon" });
  const names = drivers.map(({ client }) => client).join(", ");
  expect(problems).toEqual([`SKYSCAN_BROKER_CLIENT="carrier-pigeon" is not allowed: it takes one of ${names}`]);
  const named = connectionSettings(settings, { ...somewhere, client: "carrier-pigeon" });
  await expect(openBroker(() => Promise.resolve(named), { logger: silentLogger, purpose: "client" })).rejects.toMatchObject({
    code: "unsupported",
    message: expect.stringMatching(`carrier-pigeon.*${names}`) as string,
  });
});

it("a driver's own settings come to it from the environment, and have their defaults where nothing is said", () => {
  const table = drivers.find(({ client }) => client === "rabbitmq")!.settings!;
  const problems: string[] = [];
  const settings = connectionSettings(readBrokerSettings(problems, { RABBITMQ_HEARTBEAT: "7" }), {
    ...somewhere,
    client: undefined,
  });
  expect(problems).toEqual([]);
  expect(settings.client).toBe("rabbitmq");
  expect(ownSettings(table, settings)).toEqual({ heartbeatSec: 7, consumerTimeoutSec: 1800 });
  expect(ownSettings(table, { ...settings, own: {} })).toEqual({ heartbeatSec: 60, consumerTimeoutSec: 1800 });
});

it("no two drivers have a setting of the same variable, so none reads another's", () => {
  const variables = drivers.flatMap(({ settings = {} }) => Object.values(settings).map(({ env }) => env));
  expect(new Set(variables).size).toBe(variables.length);
});
