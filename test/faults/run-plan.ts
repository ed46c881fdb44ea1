import { brokerLaunchers } from "@skyscan/testing";
import type { BrokerLauncher } from "@skyscan/testing";

/** Brokers that the campaign runs over: the one in the server, and those that can be started. */
export const driverNames: readonly string[] = ["embedded", ...brokerLaunchers.map(({ name }) => name)];

/** Undefined for the embedded one. */
export const launcherOf = (driver: string): BrokerLauncher | undefined => brokerLaunchers.find(({ name }) => name === driver);

export interface DrawnFault {
  readonly name: string;
  readonly at: number;
  readonly seed: number;
}

/** All that is decided about a run before it begins. */
export interface RunPlan {
  readonly driver: string;
  /** Counts from 0. */
  readonly number: number;
  readonly clients: number;
  readonly slots: number;
  /** Units that may be out at the same time: few, so that publishing goes on all through the scan, or all of them. */
  readonly window: number;
  /** Whether maps and pictures are made at the end. */
  readonly extras: boolean;
  readonly faults: readonly DrawnFault[];
}
