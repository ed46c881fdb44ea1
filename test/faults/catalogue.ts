import { brokerFaults } from "./broker-faults.ts";
import { disks } from "./disks.ts";
import type { Fault } from "./fault.ts";
import { journalFaults } from "./journal-faults.ts";
import { kills } from "./kills.ts";
import { lies } from "./lies.ts";
import { networkFaults } from "./network-faults.ts";
import { pauses } from "./pauses.ts";
import { recoFaults } from "./reco-faults.ts";
import { serverFaults } from "./server-faults.ts";

/** Every fault that is tried. */
export const catalogue: readonly Fault[] = [
  ...kills,
  ...serverFaults,
  ...pauses,
  ...networkFaults,
  ...brokerFaults,
  ...disks,
  ...recoFaults,
  ...journalFaults,
  ...lies,
];

export const faultNamed = (name: string): Fault => catalogue.find((fault) => fault.name === name)!;
