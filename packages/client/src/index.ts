export { connectionOf } from "./connection.ts";
export type { ClientEnd, ClientStatus } from "./ending.ts";
export { clientSettingTable } from "./env.ts";
export type { ClientSettings } from "./env.ts";
export { runClient } from "./run-client.ts";
export type { ClientContext, ClientOptions } from "./run-client.ts";
export type { FindReco, LocalReco, LocalRecoOptions } from "./local-reco.ts";
export type { OpenBroker } from "./session.ts";
export type { RecoIdentity } from "./reco-match.ts";
