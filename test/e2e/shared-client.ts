import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "vitest";
import { scanning } from "./scanning.ts";
import { makeScriptedReco } from "./scripted-reco.ts";

/** Fits of one client that ran at the same time, at most, by the notes that they made when they began and ended. */
function mostAtOnce(notes: string): number {
  let running = 0;
  let most = 0;
  for (const note of notes.trim().split("\n")) {
    running += note === "begins" ? 1 : -1;
    most = Math.max(most, running);
  }
  return most;
}

/** Two scans, and one client with two slots that serves both: they complete, with the same bytes, and never more than two fits run. */
export async function serveTwoScans(directory: string, env: Readonly<Record<string, string>>): Promise<void> {
  const notes = join(directory, "notes");
  const note = (word: string): string => `appendFileSync(${JSON.stringify(notes)}, "${word}\\n");`;
  const reco = await makeScriptedReco(directory, `${note("begins")} await pause(50); ${note("ends")} answer(line);`);
  const scans = ["a", "b"].map((name) => scanning(join(directory, name), { reco: reco.name, nsides: ["1:0"], env }));
  const servers = scans.map((scan) => scan.server("--reco-path", reco.path));
  const client = scans[0]!.client("--client-startup-json", scans[1]!.startup, "--slots", "2", "--reco-path", reco.path);
  for (const server of servers) expect(await server.ended).toMatchObject({ status: 0 });
  expect(await client.ended).toMatchObject({ status: 0 });
  expect(mostAtOnce(await readFile(notes, "utf8"))).toBe(2);
  expect(await reco.begun()).toHaveLength(24);
  expect((await scans[0]!.npz("1")).equals(await scans[1]!.npz("1"))).toBe(true);
}
