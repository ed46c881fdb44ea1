// Generates packages/broker/src/gen from proto/: `node packages/broker/scripts/generate-proto.mjs`. With --check it only says whether
// the committed code is up to date (status 1 when not). buf compiles the .proto files, ts-proto writes the TypeScript.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, cpSync, existsSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const packageDirectory = fileURLToPath(new URL("..", import.meta.url));
const protoDirectory = fileURLToPath(new URL("../../../proto", import.meta.url));
const target = join(packageDirectory, "src/gen");
const work = mkdtempSync(join(tmpdir(), "skyscan-proto-"));

const options = [
  "outputServices=none",
  "outputJsonMethods=false",
  "outputPartialMethods=false",
  "esModuleInterop=true",
  "importSuffix=.ts",
  "enumsAsLiterals=true",
  "useExactTypes=false",
  "unrecognizedEnum=false",
];
const template = {
  version: "v2",
  plugins: [{ local: join(packageDirectory, "node_modules/.bin/protoc-gen-ts_proto"), out: work, opt: options }],
};

try {
  const run = spawnSync(
    join(packageDirectory, "node_modules/.bin/buf"),
    ["generate", "--template", JSON.stringify(template), protoDirectory],
    { stdio: "inherit" },
  );
  if (run.status !== 0) throw new Error(`buf ended with status ${run.status}`);
  if (process.argv.includes("--check")) {
    const files = readdirSync(work, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name).slice(work.length + 1));
    const stale = files.filter(
      (file) =>
        !existsSync(join(target, file)) || readFileSync(join(work, file), "utf8") !== readFileSync(join(target, file), "utf8"),
    );
    if (stale.length > 0) {
      console.error(`out of date: ${stale.join(", ")}; run node packages/broker/scripts/generate-proto.mjs`);
      process.exitCode = 1;
    }
  } else {
    rmSync(target, { recursive: true, force: true });
    cpSync(work, target, { recursive: true });
  }
} finally {
  rmSync(work, { recursive: true, force: true });
}
