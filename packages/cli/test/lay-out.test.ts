import { mkdir, readFile, readdir, readlink, realpath, stat, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { temporaryDirectory } from "@skyscan/testing";
import { layOut } from "../src/bundle/lay-out.ts";
import { productionPackages } from "../src/bundle/production-packages.ts";

let home: Awaited<ReturnType<typeof temporaryDirectory>>;
let root: string;

async function install(path: string, about: object, files: Readonly<Record<string, string>> = {}): Promise<string> {
  const directory = join(home.path, path);
  await mkdir(directory, { recursive: true });
  const name = path.split("node_modules/").at(-1);
  const all = { "package.json": JSON.stringify({ name, version: "1.0.0", ...about }), ...files };
  for (const [file, content] of Object.entries(all)) await writeFile(join(directory, file), content);
  return directory;
}

const says = (word: string): Readonly<Record<string, string>> => ({ "index.js": `module.exports = ${JSON.stringify(word)};` });

// As npm does: two users of the same version of `inner`, which itself gets another `leaf` at each place.
beforeEach(async () => {
  home = await temporaryDirectory();
  root = await install("app/node_modules/skyscan", { dependencies: { "@skyscan/recos": "*", one: "*", two: "*" } });
  await install("app/node_modules/@skyscan/recos", {}, { "index.d.ts": "", "index.js": "" });
  for (const user of ["one", "two"]) {
    await install(`app/node_modules/${user}`, { dependencies: { inner: "*" } });
    await install(`app/node_modules/${user}/node_modules/inner`, { dependencies: { leaf: "*" } }, says("inner"));
    await install(`app/node_modules/${user}/node_modules/leaf`, { version: `${user.length}.${user}` }, says(`leaf of ${user}`));
  }
});
afterEach(() => home.remove());

const laidOut = async (node?: string): Promise<string> => {
  const bundle = join(home.path, "bundle");
  await layOut(bundle, { packages: await productionPackages(root), resources: join(home.path, "none"), node });
  return bundle;
};

test("each package finds what it found where it was installed, also when one version was installed twice", async () => {
  const program = createRequire(await realpath(join(await laidOut(), "app/skyscan/package.json")));
  for (const user of ["one", "two"]) {
    const inner = createRequire(program.resolve(`${user}/package.json`)).resolve("inner");
    expect(createRequire(inner)("leaf")).toBe(`leaf of ${user}`);
  }
});

test("resources are those of the recos' package, and come without what Python compiled", async () => {
  const resources = join(home.path, "resources");
  await mkdir(join(resources, "recos/__pycache__"), { recursive: true });
  await writeFile(join(resources, "recos/serve.py"), "");
  const bundle = join(home.path, "bundle");
  await layOut(bundle, { packages: await productionPackages(root), resources, node: undefined });
  expect(await readdir(join(bundle, "resources/recos"))).toEqual(["serve.py"]);
  expect(await realpath(join(bundle, "resources"))).toBe(
    await realpath(join(bundle, "app/@skyscan+recos@1.0.0/node_modules/@skyscan/recos/resources")),
  );
});

test("links are relative, types are left out, and the launcher can be run", async () => {
  const bundle = await laidOut(process.execPath);
  expect(await readlink(join(bundle, "app/skyscan"))).toBe("skyscan@1.0.0/node_modules/skyscan");
  expect(await readdir(join(bundle, "app/@skyscan+recos@1.0.0/node_modules/@skyscan/recos"))).toEqual([
    "index.js",
    "package.json",
  ]);
  expect((await stat(join(bundle, "bin/skyscan"))).mode & 0o111).toBe(0o111);
  expect(await readFile(join(bundle, "bin/skyscan"), "utf8")).toMatch(/^#!\/bin\/sh\n/);
  expect((await stat(join(bundle, "bin/node"))).mode & 0o111).not.toBe(0);
});
