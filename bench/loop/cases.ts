import { driverLaunchers } from "@skyscan/testing";

/** One way through the engine, and what it is compared with. */
export interface LoopCase {
  readonly name: string;
  readonly driver: string;
  readonly client: "in-process" | "stream";
  /** Units sent ahead to the reco's process. */
  readonly inFlight: number;
  readonly env: Readonly<Record<string, string>>;
  /** So many times the units of the others: a fast case would be over before it is measured. */
  readonly unitsFactor: number;
  /** Least ratio to the bare loop at window 300. */
  readonly atLeast: number;
}

const oneUnit = { SKYSCAN_BATCH_SEC: "0" };
const common = { client: "in-process", inFlight: 1, env: {}, unitsFactor: 1 } as const;

/** Over every broker that is a process of its own. */
const overBroker: readonly Omit<LoopCase, "driver">[] = [
  {
    ...common,
    name: "one unit per message, one outcome per reply, runner in process",
    env: { ...oneUnit, SKYSCAN_REPLY_OUTCOMES: "1" },
    atLeast: 0.9,
  },
  { ...common, name: "one unit per message, several outcomes per reply, runner in process", env: oneUnit, atLeast: 1.15 },
  { ...common, name: "one unit per message, no-op stream reco, inFlight 1", client: "stream", env: oneUnit, atLeast: 0.65 },
  {
    ...common,
    name: "one unit per message, no-op stream reco, inFlight 8",
    client: "stream",
    inFlight: 8,
    env: oneUnit,
    atLeast: 0.8,
  },
  { ...common, name: "adaptive batches, runner in process", unitsFactor: 4, atLeast: 2.5 },
  {
    ...common,
    name: "adaptive batches, no-op stream reco, inFlight 8",
    client: "stream",
    inFlight: 8,
    unitsFactor: 2,
    atLeast: 1.5,
  },
];
const embedded = { ...common, driver: "embedded", name: "one unit per message, runner in process" } as const;

/** In the order in which they run. */
export const loopCases: readonly LoopCase[] = [
  ...driverLaunchers.flatMap(({ client }) => overBroker.map((one) => ({ ...one, driver: client }))),
  { ...embedded, env: oneUnit, unitsFactor: 2, atLeast: 0.55 },
];
export const loopDrivers: readonly string[] = [...new Set(loopCases.map(({ driver }) => driver))];
