import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { setTimeout as pause } from "node:timers/promises";
import { createSky } from "./made-up-sky.mjs";

const say = (line) => process.stdout.write(`${JSON.stringify(line)}\n`);

/** The run time that `--runtime SEC` asks for, milliseconds. */
function runtimeMs() {
  const at = process.argv.indexOf("--runtime");
  return at === -1 ? 0 : 1000 * Number(process.argv[at + 1]);
}

/**
 * Speaks the reco protocol, mode stream, until the end of stdin. `answer(unit, fit)` says what to reply; undefined: nothing.
 */
export async function serve(name, version, answer = (unit, fit) => ({ type: "result", unit: unit.unit, ...fit() })) {
  const waitMs = runtimeMs();
  let sky;
  for await (const text of createInterface({ input: process.stdin })) {
    const line = JSON.parse(text);
    if (line.type === "start") {
      if (line.protocol !== 1) {
        process.stderr.write(`${name} speaks protocol 1, not ${line.protocol}\n`);
        process.exit(1);
      }
      sky = createSky(JSON.parse(readFileSync(line.startup, "utf8")).event ?? null);
      say({ type: "ready", protocol: 1, name, version });
    } else if (line.type === "unit") {
      if (waitMs > 0) await pause(waitMs);
      const reply = await answer(line, () => sky(line));
      if (reply !== undefined) say(reply);
    }
  }
}
