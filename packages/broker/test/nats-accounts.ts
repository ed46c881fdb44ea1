import { randomUUID } from "node:crypto";
import { nkeys } from "@nats-io/transport-node";

type KeyPair = ReturnType<typeof nkeys.createUser>;

const base64 = (content: string | Uint8Array): string => Buffer.from(content).toString("base64url");

/** What `nsc` makes: signed claims of `about`. */
function signed(issuer: KeyPair, about: KeyPair, nats: Readonly<Record<string, unknown>>): string {
  const [iss, sub] = [issuer.getPublicKey(), about.getPublicKey()];
  const claims = { jti: randomUUID(), iat: Math.floor(Date.now() / 1000), iss, sub, name: sub, nats: { version: 2, ...nats } };
  const content = `${base64('{"typ":"JWT","alg":"ed25519-nkey"}')}.${base64(JSON.stringify(claims))}`;
  return `${content}.${base64(issuer.sign(Buffer.from(content)))}`;
}

const storage = { mem_storage: -1, disk_storage: -1, streams: -1, consumer: -1 };
const limits = { subs: -1, data: -1, payload: -1, imports: -1, exports: -1, wildcards: true, conn: -1, leaf: -1 };

/** An operator with one account: lines of a server's configuration, and the creds file of a user. */
export function makeAccount(): { readonly config: readonly string[]; readonly creds: string } {
  const [operator, system, account, user] = [
    nkeys.createOperator(),
    nkeys.createAccount(),
    nkeys.createAccount(),
    nkeys.createUser(),
  ];
  const preload = [
    `${system.getPublicKey()}: ${signed(operator, system, { type: "account", limits })}`,
    `${account.getPublicKey()}: ${signed(operator, account, { type: "account", limits: { ...limits, ...storage } })}`,
  ];
  const jwt = signed(account, user, { type: "user", pub: {}, sub: {}, subs: -1, data: -1, payload: -1 });
  const part = (title: string, content: string): string => `-----BEGIN ${title}-----\n${content}\n------END ${title}------\n`;
  return {
    config: [
      `operator: ${signed(operator, operator, { type: "operator" })}`,
      `system_account: ${system.getPublicKey()}`,
      "resolver: MEMORY",
      `resolver_preload: { ${preload.join("\n")} }`,
    ],
    creds: part("NATS USER JWT", jwt) + part("USER NKEY SEED", Buffer.from(user.getSeed()).toString()),
  };
}
