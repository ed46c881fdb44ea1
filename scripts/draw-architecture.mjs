// Draws docs/images/architecture.svg and writes the table of packages in docs/architecture.md, both from the sources' own imports and the
// packages' descriptions. `--check` only compares.
import { execFile } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { instance } from "@viz-js/viz";

const root = fileURLToPath(new URL("..", import.meta.url));
const picture = `${root}docs/images/architecture.svg`;
const page = `${root}docs/architecture.md`;
const marks = ["<!-- packages: npm run architecture -->\n", "<!-- end of packages -->"];

/** These are drawn folder by folder; the files beside the folders are the package's own room. */
const opened = { server: (path) => path.split("/")[0], broker: (path) => /^drivers\/[^/]+/.exec(path)?.[0] };
const left = ["testing"];

const { stdout } = await promisify(execFile)(
  process.execPath,
  [
    `${root}node_modules/dependency-cruiser/bin/dependency-cruise.mjs`,
    ...["packages", "--config", ".dependency-cruiser.cjs", "--include-only", "^packages/[^/]+/src/", "--output-type", "json"],
  ],
  { cwd: root, maxBuffer: 2 ** 28 },
);
const sources = JSON.parse(stdout).modules;

/** `packages/server/src/sky/pixels.ts` is in `server/sky`, `packages/healpix/src/disc.ts` in `healpix`. */
function roomOf(file) {
  const [, name, path] = /^packages\/([^/]+)\/src\/(.+)$/.exec(file);
  const folder = path.includes("/") ? opened[name]?.(path) : undefined;
  return folder === undefined ? name : `${name}/${folder}`;
}

/** Who imports whom, and how many imports that is. */
function importsBetween(placeOf) {
  const places = new Map();
  for (const { source, dependencies } of sources) {
    const from = placeOf(source);
    const others = places.get(from) ?? new Set();
    places.set(from, others);
    for (const { resolved } of dependencies) if (placeOf(resolved) !== from) others.add(placeOf(resolved));
  }
  return places;
}

/** Without the arrows that a longer way implies. The graph has no circles: lint sees to that. */
function reduced(places) {
  const reached = (from, skipped) => {
    const seen = new Set();
    const visit = (place) => {
      if (seen.has(place)) return;
      seen.add(place);
      for (const other of places.get(place)) visit(other);
    };
    for (const other of places.get(from)) if (other !== skipped) visit(other);
    return seen;
  };
  return [...places].flatMap(([from, others]) => [...others].filter((to) => !reached(from, to).has(to)).map((to) => [from, to]));
}

async function descriptionOf(name) {
  return JSON.parse(await readFile(`${root}packages/${name}/package.json`, "utf8")).description;
}

const packages = importsBetween((file) => roomOf(file).split("/")[0]);
const names = [...packages.keys()].filter((name) => !left.includes(name)).sort();
const descriptions = new Map(await Promise.all(names.map(async (name) => [name, await descriptionOf(name)])));

function folded(text, width = 30) {
  const lines = [""];
  for (const word of text.split(" ")) {
    if ((lines.at(-1) + word).length > width) lines.push("");
    lines[lines.length - 1] += `${word} `;
  }
  return lines.map((line) => line.trim()).join("\n");
}

/** Lines of the Graphviz language. A package that is opened is a frame; its own room bears its name and what it is for. */
function dotOf() {
  // The rooms of an opened package may import each other both ways with its own files: index and errors are such.
  const rooms = importsBetween(roomOf);
  for (const [room, others] of rooms) for (const other of others) if (room.startsWith(`${other}/`)) others.delete(other);
  const quoted = (text) => JSON.stringify(text);
  const node = (room) => {
    const [name, ...path] = room.split("/");
    const label = path.length > 0 ? path.at(-1) : `${name}\n${folded(descriptions.get(name).replaceAll("`", ""))}`;
    return `${quoted(room)} [label=${quoted(label)}${path.length > 0 ? "" : ', style="filled,bold"'}];`;
  };
  const shown = [...rooms.keys()].filter((room) => !left.includes(room.split("/")[0])).sort();
  const frames = Object.keys(opened).map((name) => {
    const inside = shown.filter((room) => room.split("/")[0] === name).map(node);
    return `subgraph ${quoted(`cluster ${name}`)} { style=rounded; color="#8a9bb0"; ${inside.join(" ")} }`;
  });
  return [
    "digraph skyscan {",
    'graph [rankdir=TB, ranksep=0.5, nodesep=0.25, bgcolor=white, fontname="Helvetica,Arial,sans-serif"];',
    'node [shape=box, style=filled, fillcolor="#e8eef5", color="#5b6b80", fontname="Helvetica,Arial,sans-serif", fontsize=11, margin="0.25,0.08"];',
    'edge [color="#5b6b80", arrowsize=0.6];',
    ...shown.filter((room) => opened[room.split("/")[0]] === undefined).map(node),
    ...frames,
    ...reduced(rooms)
      .filter(([from]) => shown.includes(from))
      .map(([from, to]) => `${quoted(from)} -> ${quoted(to)};`)
      .sort(),
    "}",
  ].join("\n");
}

const table = [
  "| package | imports | what it is for |",
  "|---|---|---|",
  ...names.map((name) => `| ${name} | ${[...packages.get(name)].sort().join(", ") || "–"} | ${descriptions.get(name)} |`),
  "",
].join("\n");

const before = await readFile(page, "utf8");
const [head, rest] = before.split(marks[0]);
const tail = rest?.split(marks[1])[1];
if (tail === undefined) throw new Error(`${page} has no place for the table: ${marks.join("…")}`);
const after = `${head}${marks[0]}\n${table}\n${marks[1]}${tail}`;
const svg = (await instance()).renderString(dotOf(), { format: "svg" });

if (process.argv.includes("--check")) {
  const drawn = await readFile(picture, "utf8").catch(() => "");
  if (before !== after || drawn !== svg) {
    console.error("docs/architecture.md or its picture is not what the sources say: npm run architecture");
    process.exitCode = 1;
  }
} else {
  await writeFile(picture, svg);
  await writeFile(page, after);
}
