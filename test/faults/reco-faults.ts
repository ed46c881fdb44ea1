import { mkdir, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { whole } from "./chance.ts";
import type { Fault } from "./fault.ts";
import type { Stage } from "./stage.ts";

/** Adds to what `reco/faulty.mjs` does wrong, once at each unit. */
async function plan(stage: Stage, trouble: string, units: readonly string[], starts: number): Promise<void> {
  const marks = join(stage.directory, "marks");
  const path = join(stage.directory, "faulty.json");
  await mkdir(marks, { recursive: true });
  for (const unit of units) stage.recoTroubles.units[unit] = trouble;
  for (let start = 0; start < starts; start += 1) stage.recoTroubles.start.push(trouble);
  await writeFile(path, JSON.stringify({ marks, ...stage.recoTroubles }));
  stage.clientEnv["FAULTY_PLAN"] = path;
}

const misbehaves = (trouble: string, what: string, weight = 1): Fault => ({
  name: `reco-${trouble}`,
  what,
  weight,
  prepare(stage, { at, random }) {
    const { units } = stage.reference;
    const free = units.slice(Math.floor(at * units.length)).filter((unit) => stage.recoTroubles.units[unit] === undefined);
    return plan(stage, trouble, free.slice(0, 1 + whole(random, 3)), 0);
  },
  async strike(stage) {
    await stage.server.finished;
    const happened = await readdir(join(stage.directory, "marks"));
    return happened.some((mark) => stage.recoTroubles.units[mark.replaceAll("-", "/")] === trouble);
  },
});

export const recoFaults: readonly Fault[] = [
  misbehaves("hang", "a fit never ends: its reco is killed at the limit", 2),
  misbehaves("hang-deaf", "a fit never ends, and its reco ignores SIGTERM"),
  misbehaves("leak-children", "a reco starts children and ends without them"),
  misbehaves("flood-stdout", "a reco writes 24 MB that are no answer"),
  misbehaves("flood-stderr", "a reco writes 24 MB to stderr, then the answer"),
  misbehaves("half-line", "a reco writes half an answer and ends with 0"),
  misbehaves("half-line-hang", "a reco writes half an answer and hangs"),
  misbehaves("dies", "a reco ends in the middle of a fit", 2),
  misbehaves("segfault", "a reco is killed by a signal in the middle of a fit"),
  {
    name: "reco-dies-at-start",
    what: "recos end before they are ready",
    weight: 2,
    prepare: (stage, { random }) => plan(stage, "dies", [], 1 + whole(random, 2)),
    async strike(stage) {
      await stage.server.finished;
      return (await readdir(join(stage.directory, "marks"))).some((mark) => mark.startsWith("start-"));
    },
  },
];
