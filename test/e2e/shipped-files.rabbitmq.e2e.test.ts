// Starts a real RabbitMQ with resources/brokers/rabbitmq.
import { readFile } from "node:fs/promises";
import { describe, expect, test } from "vitest";
import { openBroker } from "@skyscan/broker";
import type { Broker } from "@skyscan/broker";
import { scanQueues } from "@skyscan/protocol";
import { silentLogger } from "@skyscan/runtime";
import { opensslMissing, rabbitmqMissing, repositoryPath, startShippedRabbitmq } from "@skyscan/testing";
import { brokerNeeds } from "../../bench/brokers/needs.ts";
import { stageClients } from "../../bench/brokers/stand-in-clients.ts";
import { messageBytes } from "../../bench/loop/sample-messages.ts";
import { shippedFilesFit } from "./shipped-files.ts";

const fileOf = (name: string): Promise<string> => readFile(repositoryPath(name), "utf8");

describe("resources/brokers/rabbitmq/set-up.sh", () => {
  test("gives exactly the rights of docs/brokers.md", async () => {
    const [page, script] = [await fileOf("docs/brokers.md"), await fileOf("resources/brokers/rabbitmq/set-up.sh")];
    for (const side of ["server", "client"]) {
      const row = page.split("\n").find((line) => line.startsWith(`| ${side} | \`^`))!;
      const patterns = [...row.matchAll(/`([^`]+)`/g)].map(([, pattern]) => `'${pattern!.replaceAll("\\|", "|")}'`);
      expect(patterns).toHaveLength(3);
      expect(script).toContain(`user "$vhost-${side}" ${patterns.join(" ")}\n`);
    }
  });
});

describe.skipIf((rabbitmqMissing ?? opensslMissing) !== undefined)("a RabbitMQ with resources/brokers/rabbitmq takes", () => {
  const shipped = shippedFilesFit(startShippedRabbitmq);

  test("its limits from the file, and nobody but the two users", async () => {
    const keys = ["heartbeat", "consumer_timeout", "max_message_size", "channel_max", "vm_memory_high_watermark"];
    const inForce = await shipped().broker.ctl(
      "eval",
      `{[{Key, V} || Key <- [${keys.join(", ")}], {ok, V} <- [application:get_env(rabbit, Key)]], application:get_env(ra, wal_max_size_bytes),
        rabbit_auth_backend_internal:list_users(), rabbit_vhost_limit:list(<<"scans">>)}.`,
    );
    const file = await fileOf("resources/brokers/rabbitmq/skyscan.conf");
    for (const key of keys) {
      const value = new RegExp(`^${key}(?:\\.relative)? = (.*)$`, "m").exec(file)![1]!;
      expect(inForce).toContain(`{${key},${value}}`);
    }
    expect(inForce).toContain("{ok,67108864}");
    const users = [...inForce.matchAll(/\{user,<<"([^"]*)">>\}/g)].map(([, user]) => user);
    expect(users.sort()).toEqual(["scans-client", "scans-server"]);
    expect(inForce).toContain('"max-connections">>,10000');
  });

  test("the clients by which npm run bench:brokers measures", async () => {
    const open = async (side: "server" | "client"): Promise<Broker> => {
      const connection = await shipped().connection(side);
      return openBroker(() => Promise.resolve(connection), { logger: silentLogger, purpose: side });
    };
    const server = await open("server");
    const stage = await stageClients(server, messageBytes());
    const before = await brokerNeeds();
    await stage.connect(3, () => open("client"));
    const { memoryMb, files } = await brokerNeeds();
    expect(memoryMb).toBeGreaterThan(50);
    // Two connections each.
    expect(files - before.files).toBe(6);
    await stage.answer(50);
    await stage.leave();
    await stage.fill(20);
    expect(await server.depth(scanQueues("bench-brokers").work)).toBe(20);
    await stage.remove();
    await server.close();
  });

  test("plain AMQP on the loopback alone", async () => {
    const file = await fileOf("resources/brokers/rabbitmq/skyscan.conf");
    expect(file.match(/^listeners\.tcp\..*$/gm)).toEqual(["listeners.tcp.1 = 127.0.0.1:5672"]);
  });
});
