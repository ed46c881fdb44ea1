import { repositoryPath } from "@skyscan/testing";

/** What every scan of the campaign looks at, and how. */
export const recoName = "faulty";
export const nsides: readonly string[] = ["1:0", "2:12", "4:12"];
export const resultNsides = "1_2_4";
/** Where that reco is. */
export const recoPath = repositoryPath("test/faults/reco");

/** Heartbeat of all processes, seconds: a peer that is silent for twice as long is dead. */
export const heartbeatSec = 2;
/** Limit of one fit, seconds. */
export const fitLimitSec = 3;
