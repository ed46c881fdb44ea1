import { readFileSync, readdirSync, statSync } from "node:fs";
import { join, relative } from "node:path";
import { expect, test } from "vitest";
import { repositoryPath } from "@skyscan/testing";

// pnpm packs files as executable only when they are listed: without, the native reco could not be started where the package is installed.
test("everything that is run is packed as a program: the native reco, and the scripts of resources/", () => {
  const { publishConfig } = JSON.parse(readFileSync(repositoryPath("packages/recos/package.json"), "utf8"));
  const scripts = readdirSync(repositoryPath("resources"), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => (statSync(path).mode & 0o111) !== 0)
    .map((path) => relative(repositoryPath(), path));
  expect([...publishConfig.executableFiles].sort()).toEqual(["build/pandel", ...scripts].sort());
});
