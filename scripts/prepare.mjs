// Makes a fresh clone ready: checks the machine, installs the packages, builds. What was done already is not done again: each step
// leaves a stamp of what it was made from in node_modules/.cache.
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { checkout, CannotGoOn, run, step } from "./processes.mjs";

const stampDirectory = join(checkout, "node_modules/.cache/skyscan");

const stampOf = (name) => {
  const path = join(stampDirectory, name);
  return existsSync(path) ? readFileSync(path, "utf8") : undefined;
};
const stamp = (name, digest) => {
  mkdirSync(stampDirectory, { recursive: true });
  writeFileSync(join(stampDirectory, name), digest);
};

/** Throws with a line for each thing that is missing on this machine, and how to get it. */
async function checkMachine({ compiler = true } = {}) {
  const missing = [];
  const [major, minor] = process.versions.node.split(".").map(Number);
  if (major < 20 || (major === 20 && minor < 19)) {
    missing.push(`Node >= 20.19 (this is ${process.versions.node}): https://nodejs.org/en/download, or \`nvm install 22\``);
  }
  if (compiler && !(await compilerWorks())) {
    missing.push(
      "a C++17 compiler (c++, g++ or clang++, or the one that $CXX names): `apt-get install g++`, `dnf install gcc-c++`, macOS: `xcode-select --install`",
    );
  }
  if (missing.length > 0) throw new CannotGoOn(`Missing on this machine:\n${missing.map((line) => `  - ${line}`).join("\n")}`);
}

async function compilerWorks() {
  const names = process.env.CXX === undefined || process.env.CXX === "" ? ["c++", "g++", "clang++"] : [process.env.CXX];
  for (const name of names) {
    const probe = `printf '#include <optional>\\n' | ${name} -std=c++17 -fsyntax-only -x c++ -`;
    if ((await run(["sh", "-c", probe], { limitSec: 30 })).status === 0) return true;
  }
  return false;
}

function installDigest() {
  const hash = createHash("sha256").update(process.versions.modules);
  const manifests = readdirSync(join(checkout, "packages")).map((name) => `packages/${name}/package.json`);
  for (const path of ["pnpm-lock.yaml", "pnpm-workspace.yaml", "package.json", ...manifests.sort()]) {
    if (existsSync(join(checkout, path))) hash.update(path).update(readFileSync(join(checkout, path)));
  }
  return hash.digest("hex");
}

/** Packages as the lockfile says. A second or less when nothing changed. */
async function install() {
  const digest = installDigest();
  if (stampOf("installed") === digest) return;
  // --prefer-offline: the lockfile pins every version, so the registry is asked only for what the store does not hold.
  await step("Installing packages", ["npx", "-y", "pnpm@10", "install", "--frozen-lockfile", "--prefer-offline"], {
    env: { ...process.env, CI: "true" },
  });
  stamp("installed", digest);
}

const outputs = new Set(["dist", "build", "node_modules", "__pycache__"]);

/** Every file below a directory of the checkout, as paths relative to the checkout; what is built or installed left out. */
export function filesUnder(directory) {
  if (!existsSync(join(checkout, directory))) return [];
  return readdirSync(join(checkout, directory), { withFileTypes: true }).flatMap((entry) => {
    const path = `${directory}/${entry.name}`;
    if (entry.isDirectory()) return outputs.has(entry.name) ? [] : filesUnder(path);
    return [path];
  });
}

function buildDigest() {
  const hash = createHash("sha256").update(installDigest());
  const perPackage = readdirSync(join(checkout, "packages")).flatMap((name) => [
    `packages/${name}/tsconfig.json`,
    ...filesUnder(`packages/${name}/src`),
    ...filesUnder(`packages/${name}/native`),
  ]);
  for (const path of ["tsconfig.json", "tsconfig.base.json", "scripts/build-native.mjs", ...perPackage].sort()) {
    if (!existsSync(join(checkout, path))) continue;
    const { mtimeMs, size } = statSync(join(checkout, path));
    hash.update(`${path}\0${mtimeMs}\0${size}\n`);
  }
  return hash.digest("hex");
}

/**
 * TypeScript (only what changed) and the native recos; `forTests`: with their own tests, which then need not be compiled from the start.
 * Does nothing when no source changed since the last build.
 */
export async function build({ forTests = false } = {}) {
  const digest = buildDigest();
  const results = ["packages/cli/dist", "packages/recos/build"];
  if (stampOf("built") === digest && results.every((path) => existsSync(join(checkout, path)))) return;
  await checkMachine();
  await step("Building", ["node_modules/.bin/tsc", "-b"]);
  if (existsSync(join(checkout, "scripts/build-native.mjs"))) {
    await step("Building the native recos", [process.execPath, "scripts/build-native.mjs", ...(forTests ? ["--test"] : [])]);
  }
  stamp("built", digest);
}

/** A fresh clone, made ready to run. */
export async function prepare() {
  await prepareForSources();
  await build();
}

/** A fresh clone, made ready for what reads the sources alone: nothing is built. */
export async function prepareForSources() {
  await checkMachine({ compiler: stampOf("built") === undefined });
  await install();
}
