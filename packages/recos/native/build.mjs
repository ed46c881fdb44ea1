// Compiles the native reco: node native/build.mjs [--test] [--sanitize] [--force]
// Output: build/pandel beside this folder (with --test also pandel_test). Does nothing when sources and flags are those of the last build.
// --sanitize builds the same under AddressSanitizer and UndefinedBehaviorSanitizer into build/sanitized.
// Compiler: $CXX, else the first of c++, g++, clang++ that knows C++17. Status 1 when there is none or the build fails.
import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { basename, join, relative } from "node:path";
import { fileURLToPath } from "node:url";

const native = fileURLToPath(new URL(".", import.meta.url));
const sanitize = process.argv.includes("--sanitize");
const build = join(native, "../build", sanitize ? "sanitized" : ".");

// One set for every x86-64 machine: no fused multiply-add and no host instructions, so that the same unit gives the same bytes everywhere.
// Without errno and traps the compiler may use both lanes of a register; neither changes a value.
const sanitizers = ["-O1", "-g1", "-fsanitize=address,undefined", "-fno-sanitize-recover=all"];
const flags = [
  ...(sanitize ? sanitizers : ["-O2", "-ftree-vectorize"]),
  "-std=c++17",
  "-ffp-contract=off",
  "-fno-math-errno",
  "-fno-trapping-math",
  "-Wall",
  "-Wextra",
];

// Linked statically where the compiler can: it then runs in any image, and takes its mathematics from nowhere else.
const linkFlags = sanitize ? [] : ["-static"];

const filesIn = (folder) =>
  readdirSync(folder)
    .filter((name) => /\.(cpp|hpp)$/.test(name))
    .sort()
    .map((name) => join(folder, name));
const compiled = (files) => files.filter((file) => file.endsWith(".cpp"));

const sources = filesIn(join(native, "src"));
const targets = { pandel: { files: sources, units: compiled(sources) } };
if (process.argv.includes("--test")) {
  const tests = filesIn(join(native, "test"));
  const tested = compiled(sources).filter((file) => basename(file) !== "main.cpp");
  targets.pandel_test = { files: [...sources, ...tests], units: [...tested, ...compiled(tests)] };
}

const stampOf = (files) => {
  const hash = createHash("sha256").update(
    JSON.stringify([flags, linkFlags, process.env.CXX ?? null, process.platform, process.arch]),
  );
  for (const file of files) hash.update(`\0${relative(native, file)}\0`).update(readFileSync(file));
  return hash.digest("hex");
};
const stampFile = (name) => join(build, `${name}.stamp`);
const isFresh = (name, stamp) =>
  existsSync(join(build, name)) && existsSync(stampFile(name)) && readFileSync(stampFile(name), "utf8") === stamp;

const stale = Object.entries(targets)
  .map(([name, target]) => ({ name, ...target, stamp: stampOf(target.files) }))
  .filter(({ name, stamp }) => process.argv.includes("--force") || !isFresh(name, stamp));
if (stale.length === 0) process.exit(0);

function findCompiler() {
  const wanted = process.env.CXX?.trim();
  const candidates = wanted ? [wanted.split(/\s+/)] : [["c++"], ["g++"], ["clang++"]];
  const reasons = [];
  for (const [command, ...before] of candidates) {
    const probe = spawnSync(command, [...before, "-std=c++17", "-x", "c++", "-fsyntax-only", "-"], {
      input: "#include <charconv>\n#include <optional>\n#include <variant>\nint main() {}\n",
      encoding: "utf8",
    });
    if (probe.status === 0) return [command, ...before];
    reasons.push(
      `  ${[command, ...before].join(" ")}: ${probe.error?.code === "ENOENT" ? "not found" : (probe.error?.message ?? probe.stderr.trim().split("\n").at(-1))}`,
    );
  }
  console.error(
    `The native reco needs a C++17 compiler (GCC 8 or newer, Clang 7 or newer), and none was found:\n${reasons.join("\n")}\n` +
      "Install one: Debian, Ubuntu: apt-get install g++ · Fedora, Rocky, Alma: dnf install gcc-c++ · Alpine: apk add g++ · " +
      "or set CXX to the compiler to use.",
  );
  process.exit(1);
}

/** Ends the build when the compiler has no sanitizers, or their libraries are not installed. */
function checkSanitizers([command, ...before], folder) {
  const program = join(folder, "probe");
  const compiled = spawnSync(command, [...before, ...sanitizers, "-x", "c++", "-", "-o", program], {
    input: "int main() {}\n",
    encoding: "utf8",
  });
  const ran = compiled.status === 0 ? spawnSync(program, { encoding: "utf8" }) : compiled;
  if (ran.status === 0) return;
  const reason = ran.error?.message ?? ran.stderr.trim().split("\n").at(-1);
  throw new Error(`${[command, ...before].join(" ")} does not support ${sanitizers.join(" ")} here: ${reason}`);
}

/** Not everywhere: macOS has no static system library, and some distributions keep libc's in a package of its own. */
function canLink([command, ...before], more, folder) {
  const argv = [...before, ...more, "-x", "c++", "-", "-o", join(folder, "static-probe")];
  return spawnSync(command, argv, { input: "#include <string>\nint main() { return std::string().size(); }\n" }).status === 0;
}

function run(command, args) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: "inherit" });
    child.once("error", reject);
    child.once("close", (code, signal) =>
      code === 0 ? resolve() : reject(new Error(`${command} ended with ${signal ?? `status ${code}`}`)),
    );
  });
}

const [compiler, ...before] = findCompiler();
mkdirSync(build, { recursive: true });
// Everything goes to a folder of this process and is renamed into place, so that two builds at once do not see each other's halves.
const temporary = mkdtempSync(join(build, ".building-"));
try {
  if (sanitize) checkSanitizers([compiler, ...before], temporary);
  const linking = canLink([compiler, ...before], linkFlags, temporary) ? linkFlags : [];
  const object = (unit) => join(temporary, `${relative(native, unit).replaceAll("/", "_")}.o`);
  const compileAll = async (units) => {
    const waiting = units.filter((unit) => !existsSync(object(unit)));
    const lane = async () => {
      for (let unit = waiting.shift(); unit !== undefined; unit = waiting.shift()) {
        await run(compiler, [...before, ...flags, "-I", join(native, "src"), "-c", unit, "-o", object(unit)]);
      }
    };
    await Promise.all(Array.from({ length: availableParallelism() }, lane));
  };
  for (const { name, units: parts, stamp } of stale) {
    await compileAll(parts);
    const output = join(temporary, name);
    await run(compiler, [...before, ...flags, ...linking, ...parts.map(object), "-o", output]);
    writeFileSync(`${output}.stamp`, stamp);
    renameSync(output, join(build, name));
    renameSync(`${output}.stamp`, stampFile(name));
    console.log(`built ${relative(process.cwd(), join(build, name))} with ${[compiler, ...before].join(" ")}`);
  }
} catch (error) {
  console.error(`The native reco was not built: ${error.message}`);
  process.exitCode = 1;
} finally {
  rmSync(temporary, { recursive: true, force: true });
}
