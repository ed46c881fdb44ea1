// Writes src/geometry/icecube86-positions.ts from a table of module positions with the columns string,om,x,y,z (metres).
//
//   node scripts/make-icecube86.mjs TABLE.csv
//
// Layout: per string the x, y and z of om 1, 2, … in centimetres as a start and the steps to the next module, equal steps
// counted: "49603 -1702x59". Missing steps at the end are 0.
import { readFileSync, writeFileSync } from "node:fs";

const [path] = process.argv.slice(2);
if (path === undefined) throw new Error("usage: make-icecube86.mjs TABLE.csv");
const [head, ...lines] = readFileSync(path, "utf8").trim().split(/\r?\n/);
if (head !== "string,om,x,y,z") throw new Error(`unexpected columns ${head}`);
const strings = new Map();
for (const line of lines) {
  const [string, om, ...position] = line.split(",").map(Number);
  const modules = strings.get(string) ?? strings.set(string, []).get(string);
  if (om !== modules.length + 1) throw new Error(`string ${string}: modules must be in order from 1 on, found ${om}`);
  modules.push(position.map((metres) => Math.round(100 * metres)));
}
const encode = (values) => {
  const steps = values.slice(1).map((value, i) => value - values[i]);
  while (steps.at(-1) === 0) steps.pop();
  const runs = [];
  for (const step of steps) {
    const last = runs.at(-1);
    if (last?.step === step) last.count++;
    else runs.push({ step, count: 1 });
  }
  return [values[0], ...runs.map(({ step, count }) => (count > 1 ? `${step}x${count}` : `${step}`))].join(" ");
};
const rows = [...strings].map(
  ([string, modules]) =>
    `  [${string}, ${modules.length}, ${[0, 1, 2].map((axis) => JSON.stringify(encode(modules.map((position) => position[axis])))).join(", ")}],\n`,
);
writeFileSync(
  new URL("../src/geometry/icecube86-positions.ts", import.meta.url),
  `// Made by scripts/make-icecube86.mjs; do not edit.

/**
 * Positions of the in-ice modules of IceCube-86, detector coordinates, centimetres: string, number of modules, then x, y, z of
 * om 1, 2, … as a start and the steps to the next module, equal steps counted. Missing steps at the end are 0.
 */
// prettier-ignore
export const icecube86Positions: readonly (readonly [string: number, modules: number, x: string, y: string, z: string])[] = [
${rows.join("")}];
`,
);
