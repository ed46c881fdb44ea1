import { readStartupFile } from "@skyscan/protocol";
import { setTimeout as wait } from "node:timers/promises";

/** Resolves when the server has written its startup file: clients may start. */
export async function waitForStartup(path: string): Promise<void> {
  while ((await readStartupFile(path)) === undefined) await wait(5);
}
