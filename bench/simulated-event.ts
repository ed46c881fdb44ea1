import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { runSkyscan } from "@skyscan/testing";

/** Path of an event that is always the same; the benchmarks' recos do not look at it. */
export async function simulatedEvent(directory: string): Promise<string> {
  const events = join(directory, "events");
  const { status, stderr } = await runSkyscan(["simulate", "--seed", "1", "--output-dir", events]);
  if (status !== 0) throw new Error(`no event could be simulated: ${stderr}`);
  return join(
    events,
    (await readdir(events)).find((name) => !name.endsWith(".truth.json"))!,
  );
}
