import { readFile } from "node:fs/promises";

/** Processes that a process started and that still run (Linux only). */
export async function childrenOf(pid: number): Promise<readonly number[]> {
  const text = await readFile(`/proc/${pid}/task/${pid}/children`, "utf8").catch(() => "");
  return text
    .split(" ")
    .filter((word) => word !== "")
    .map(Number);
}

/** Every process below one, with what was typed to start it. */
export async function descendants(pid: number): Promise<ReadonlyMap<number, string>> {
  const found = new Map<number, string>();
  for (const child of await childrenOf(pid)) {
    found.set(child, (await readFile(`/proc/${child}/cmdline`, "utf8").catch(() => "")).replaceAll("\0", " "));
    for (const [below, command] of await descendants(child)) found.set(below, command);
  }
  return found;
}
