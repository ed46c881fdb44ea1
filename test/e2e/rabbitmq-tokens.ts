import { createSign, generateKeyPairSync } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { RabbitmqOptions } from "@skyscan/testing";

/** A RabbitMQ that takes signed tokens (OAuth) and knows no passwords of those who have one. */
export interface TokenAuthority {
  /** What `startRabbitmq` is to be given. */
  readonly options: RabbitmqOptions;
  /** A new token, good for an hour, with all rights on all virtual hosts. */
  token(): string;
}

const keyName = "of-this-test";
const base64url = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");

/** Makes its keys; the public one is written into `directory`. */
export async function tokenAuthority(directory: string): Promise<TokenAuthority> {
  const { publicKey, privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const path = join(directory, "public-key.pem");
  await writeFile(path, publicKey.export({ type: "spki", format: "pem" }));
  return {
    options: {
      plugins: ["rabbitmq_auth_backend_oauth2"],
      config: [
        "auth_backends.1 = rabbit_auth_backend_oauth2",
        "auth_oauth2.resource_server_id = rabbitmq",
        `auth_oauth2.default_key = ${keyName}`,
        `auth_oauth2.signing_keys.${keyName} = ${path}`,
      ],
    },
    token() {
      const claims = {
        sub: "scanner",
        aud: ["rabbitmq"],
        exp: Math.floor(Date.now() / 1000) + 3600,
        scope: ["rabbitmq.configure:*/*", "rabbitmq.read:*/*", "rabbitmq.write:*/*"],
      };
      const signed = `${base64url({ alg: "RS256", typ: "JWT", kid: keyName })}.${base64url(claims)}`;
      return `${signed}.${createSign("RSA-SHA256").update(signed).sign(privateKey, "base64url")}`;
    },
  };
}
