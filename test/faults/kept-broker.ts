import { startRabbitmq, startRabbitmq4, rabbitmqMissing, rabbitmq4Missing } from "@skyscan/testing";
import type { DriverName } from "./run-plan.ts";

/** A broker that serves run after run of one job, and may be broken in each. */
export interface KeptBroker {
  readonly port: number;
  readonly url: string;
  kill9(): Promise<void>;
  /** Starts it on the same data. */
  restart(): Promise<void>;
  /** Its data go; it must be dead. */
  wipe(): Promise<void>;
  /** SIGSTOP and SIGCONT to all its processes. */
  freeze(): Promise<void>;
  thaw(): Promise<void>;
  /** One after the other: what needs the broker for itself. */
  alone<T>(work: () => Promise<T>): Promise<T>;
  /** Runs `rabbitmqctl`; takes a second or two. */
  ctl(...args: readonly string[]): Promise<string>;
  stop(): Promise<void>;
}

/** Why a driver cannot be tried on this machine; undefined when it can. */
export const driverMissing: Readonly<Record<DriverName, string | undefined>> = {
  embedded: undefined,
  rabbitmq: rabbitmqMissing,
  rabbitmq4: rabbitmq4Missing,
};

/** Undefined for the embedded one: that is started with the server. */
export async function startKeptBroker(driver: DriverName): Promise<KeptBroker | undefined> {
  switch (driver) {
    case "embedded":
      return undefined;
    case "rabbitmq":
      return { ...(await startRabbitmq()), alone: oneByOne() };
    case "rabbitmq4":
      return { ...(await startRabbitmq4()), alone: oneByOne() };
  }
}

function oneByOne(): KeptBroker["alone"] {
  let before: Promise<unknown> = Promise.resolve();
  return (work) => {
    const result = before.then(work);
    before = result.catch(() => undefined);
    return result;
  };
}
