import { mkdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { temporaryDirectory } from "@skyscan/testing";
import { productionPackages } from "../src/bundle/production-packages.ts";

let home: Awaited<ReturnType<typeof temporaryDirectory>>;
beforeEach(async () => {
  home = await temporaryDirectory();
});
afterEach(() => home.remove());

async function install(path: string, about: object): Promise<string> {
  const directory = join(home.path, path);
  await mkdir(directory, { recursive: true });
  await writeFile(join(directory, "package.json"), JSON.stringify({ name: path.split("node_modules/").at(-1), ...about }));
  return directory;
}

const named = async (root: string): Promise<readonly string[]> =>
  (await productionPackages(root)).map(({ name, version }) => `${name}@${version}`).sort();

test("are the package and all that it needs, in npm's layout: each as Node finds it, two versions of one too", async () => {
  const root = await install("app", { version: "1.0.0", dependencies: { a: "^1.0.0", b: "^2.0.0" } });
  await install("app/node_modules/a", { version: "1.0.0", dependencies: { b: "^1.0.0" } });
  await install("app/node_modules/a/node_modules/b", { version: "1.5.0" });
  await install("app/node_modules/b", { version: "2.0.0", dependencies: { a: "^1.0.0" } });
  expect(await named(root)).toEqual(["a@1.0.0", "app@1.0.0", "b@1.5.0", "b@2.0.0"]);
});

test("are found through pnpm's links, and counted once", async () => {
  const root = await install("packages/app", { version: "1.0.0", dependencies: { a: "workspace:*", b: "^1.0.0" } });
  const a = await install("packages/a", { version: "1.0.0", dependencies: { b: "^1.0.0" } });
  const b = await install("node_modules/.pnpm/b@1.0.0/node_modules/b", { version: "1.0.0" });
  for (const user of [root, a]) {
    await mkdir(join(user, "node_modules"), { recursive: true });
    await symlink(b, join(user, "node_modules", "b"));
  }
  await symlink(a, join(root, "node_modules", "a"));
  const found = await productionPackages(root);
  expect(found.map(({ directory }) => directory).sort()).toEqual([b, a, root].sort());
  expect(found[0]!.dependencies).toEqual(
    new Map([
      ["a", a],
      ["b", b],
    ]),
  );
});

test("leave out what is for development, and optional ones that are not installed", async () => {
  const root = await install("app", {
    version: "1.0.0",
    dependencies: { a: "^1.0.0" },
    devDependencies: { dev: "^1.0.0" },
    optionalDependencies: { other: "^1.0.0", here: "^1.0.0" },
    peerDependencies: { peer: "^1.0.0" },
    peerDependenciesMeta: { peer: { optional: true } },
  });
  for (const name of ["a", "dev", "here"]) await install(`app/node_modules/${name}`, { version: "1.0.0" });
  expect(await named(root)).toEqual(["a@1.0.0", "app@1.0.0", "here@1.0.0"]);
});

test("are not to be had when one is not installed, which is named", async () => {
  const root = await install("app", { version: "1.0.0", dependencies: { missing: "^1.0.0" } });
  await expect(productionPackages(root)).rejects.toThrow("app needs the package missing, which is not installed");
});
