import { createHmac, randomBytes } from "node:crypto";
import type { PulsarOptions } from "@skyscan/testing";

/** Roles with tokens, at a Pulsar that lets in nobody else. */
export interface PulsarRoles {
  readonly options: PulsarOptions;
  /** Of a role with this name; what it may do is granted at the broker. */
  readonly token: (role: string) => string;
}

const administrator = "admin";

export function makeRoles(): PulsarRoles {
  const key = randomBytes(32);
  const encode = (content: object): string => Buffer.from(JSON.stringify(content)).toString("base64url");
  const token = (role: string): string => {
    const signed = `${encode({ alg: "HS256" })}.${encode({ sub: role })}`;
    return `${signed}.${createHmac("sha256", key).update(signed).digest("base64url")}`;
  };
  const client = "org.apache.pulsar.client.impl.auth.AuthenticationToken";
  return {
    token,
    options: {
      token: token(administrator),
      config: [
        "authenticationEnabled=true",
        "authenticationProviders=org.apache.pulsar.broker.authentication.AuthenticationProviderToken",
        `tokenSecretKey=data:;base64,${key.toString("base64")}`,
        "authorizationEnabled=true",
        `superUserRoles=${administrator}`,
        // The WebSocket service is itself a client.
        `brokerClientAuthenticationPlugin=${client}`,
        `brokerClientAuthenticationParameters=token:${token(administrator)}`,
      ],
    },
  };
}
