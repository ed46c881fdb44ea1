import { readFile } from "node:fs/promises";

/** Every process below one, with what was typed to start it. */
export async function descendants(pid: number): Promise<ReadonlyMap<number, string>> {
  const found = new Map<number, string>();
  const children = await readFile(`/proc/${pid}/task/${pid}/children`, "utf8").catch(() => "");
  for (const child of children
    .split(" ")
    .filter((text) => text !== "")
    .map(Number)) {
    found.set(child, (await readFile(`/proc/${child}/cmdline`, "utf8").catch(() => "")).replaceAll("\0", " "));
    for (const [below, command] of await descendants(child)) found.set(below, command);
  }
  return found;
}
