import { readFile } from "node:fs/promises";
import { failureCodes } from "@skyscan/protocol";
import { repositoryPath } from "@skyscan/testing";
import { expect, test } from "vitest";
import { manifestSchema } from "../src/manifest/manifest.ts";

const page = await readFile(repositoryPath("docs/recos.md"), "utf8");

test.each(["reco-python/reco.json", "reco-python/reco.py", "reco-shell/reco.json", "reco-shell/reco.sh"])(
  "docs/recos.md shows examples/%s as it is",
  async (file) => {
    const text = await readFile(repositoryPath("examples", file), "utf8");
    expect(page).toContain(`\n${text.trimEnd()}\n\`\`\``);
  },
);

test("docs/recos.md has every key of the manifest and every failure code", () => {
  const { shape } = manifestSchema;
  const keys = Object.keys(shape).filter((key) => key !== "run" && key !== "seeding");
  const runKeys = ["mode", "command", "env", "passEnv", "format", "inFlight", "threads", "image", "binds", "shmSize", "network"];
  for (const key of [...keys, ...runKeys.map((one) => `run.${one}`)]) expect(page).toContain(`| \`${key}\` |`);
  for (const code of failureCodes) expect(page).toContain(`\`${code}\``);
});
