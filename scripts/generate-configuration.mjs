// Writes docs/configuration.md from the tables that read the environment. `--check` only compares (a test runs that).
import { readFile, writeFile } from "node:fs/promises";
import { configurationPage } from "../packages/cli/dist/configuration-page.js";

const path = new URL("../docs/configuration.md", import.meta.url);
const page = configurationPage();
if (process.argv.includes("--check")) {
  if ((await readFile(path, "utf8")) !== page) {
    console.error("docs/configuration.md is not what the tables say: node scripts/generate-configuration.mjs");
    process.exitCode = 1;
  }
} else await writeFile(path, page);
