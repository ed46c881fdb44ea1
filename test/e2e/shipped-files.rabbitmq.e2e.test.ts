// Starts a real RabbitMQ with resources/brokers/rabbitmq.
import { readFile } from "node:fs/promises";
import { describe, expect, test } from "vitest";
import { opensslMissing, rabbitmqMissing, repositoryPath, startShippedRabbitmq } from "@skyscan/testing";
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
  const broker = shippedFilesFit("rabbitmq", startShippedRabbitmq);

  test("its limits from the file, and nobody but the two users", async () => {
    const keys = ["heartbeat", "consumer_timeout", "max_message_size", "channel_max", "vm_memory_high_watermark"];
    const inForce = await broker().ctl(
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

  test("plain AMQP on the loopback alone", async () => {
    const file = await fileOf("resources/brokers/rabbitmq/skyscan.conf");
    expect(file.match(/^listeners\.tcp\..*$/gm)).toEqual(["listeners.tcp.1 = 127.0.0.1:5672"]);
  });
});
