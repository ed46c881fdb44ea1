import type { TestBroker } from "@skyscan/testing";
import { launcherOf } from "./run-plan.ts";

/** A broker that serves run after run of one job, and may be broken in each. */
export interface KeptBroker extends TestBroker {
  /** One after the other: what needs the broker for itself. */
  alone<T>(work: () => Promise<T>): Promise<T>;
}

/** Why a driver cannot be tried on this machine; undefined when it can. */
export const driverMissing = (driver: string): string | undefined => launcherOf(driver)?.missing;

/** Undefined for the embedded one: that is started with the server. */
export async function startKeptBroker(driver: string): Promise<KeptBroker | undefined> {
  const broker = await launcherOf(driver)?.start();
  return broker === undefined ? undefined : { ...broker, alone: oneByOne() };
}

function oneByOne(): KeptBroker["alone"] {
  let before: Promise<unknown> = Promise.resolve();
  return (work) => {
    const result = before.then(work);
    before = result.catch(() => undefined);
    return result;
  };
}
