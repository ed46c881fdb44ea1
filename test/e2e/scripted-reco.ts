import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

/** A reco whose every move is the test's, and which notes what it was asked for. */
export interface ScriptedReco {
  readonly name: string;
  /** For `--reco-path`. */
  readonly path: string;
  /** One entry for each fit that was begun, in order. */
  begun(): Promise<readonly Begun[]>;
}

export interface Begun {
  readonly unit: string;
  /** The client's process id. */
  readonly client: number;
}

const source = (notes: string, onUnit: string): string => `
import { appendFileSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { setTimeout as pause } from "node:timers/promises";

const say = (line) => process.stdout.write(JSON.stringify(line) + "\\n");
const answer = (line, llh = 1000 + line.pixel) => say({ type: "result", unit: line.unit, llh });
// The first process above this one that is a client: killing it is what a fit does that takes its whole job down.
const clientOf = (pid) => {
  const parent = Number(readFileSync("/proc/" + pid + "/stat", "utf8").replace(/^.*\\) . /s, "").split(" ")[0]);
  return readFileSync("/proc/" + parent + "/cmdline", "utf8").includes("\\0client\\0") ? parent : clientOf(parent);
};
const client = clientOf(process.pid);
const onUnit = async (line, before) => { ${onUnit} };
for await (const text of createInterface({ input: process.stdin })) {
  const line = JSON.parse(text);
  if (line.type === "start") say({ type: "ready", protocol: 1, name: "scripted", version: "1.0.0" });
  if (line.type !== "unit") continue;
  const before = existsSync(${JSON.stringify(notes)}) ? readFileSync(${JSON.stringify(notes)}, "utf8").split("\\n").filter((note) => note.startsWith(line.unit + " ")).length : 0;
  appendFileSync(${JSON.stringify(notes)}, line.unit + " " + client + "\\n");
  await onUnit(line, before);
}
`;

/**
 * Makes it below `directory`. \`onUnit\` is the body of a function of the unit's \`line\` and of how often it was begun \`before\`; it has
 * \`answer(line, llh?)\`, \`say(reply)\`, \`pause(ms)\` and the process id \`client\`.
 */
export async function makeScriptedReco(directory: string, onUnit: string): Promise<ScriptedReco> {
  const path = join(directory, "recos");
  const notes = join(directory, "fits");
  await mkdir(join(path, "scripted"), { recursive: true });
  const manifest = {
    protocol: 1,
    name: "scripted",
    version: "1.0.0",
    description: "Does what a test says.",
    run: { mode: "stream", command: ["node", "{{RECO_DIR}}/scripted.mjs"] },
    startTimeoutSec: 60,
    timeoutSec: 300,
  };
  await writeFile(join(path, "scripted", "reco.json"), JSON.stringify(manifest));
  await writeFile(join(path, "scripted", "scripted.mjs"), source(notes, onUnit));
  return {
    name: "scripted",
    path,
    async begun() {
      const lines = (await readFile(notes, "utf8").catch(() => "")).split("\n").filter((line) => line !== "");
      return lines.map((line) => {
        const [unit = "", client] = line.split(" ");
        return { unit, client: Number(client) };
      });
    },
  };
}
