export { connectionOf, createResolver } from "./connection.ts";
export type { ResolverOptions } from "./connection.ts";
export type { ClientEnd, ClientStatus } from "./ending.ts";
export type { ClientSettings } from "./env.ts";
export { runClient } from "./run-client.ts";
export type { ClientContext, ClientOptions } from "./client-options.ts";
export type { FindReco, LocalReco, LocalRecoOptions } from "./local-reco.ts";
export type { OpenBroker } from "./session.ts";
export type { RecoIdentity } from "./reco-match.ts";
