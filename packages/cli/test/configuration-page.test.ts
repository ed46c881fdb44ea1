import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { repositoryPath } from "@skyscan/testing";
import { configurationPage } from "../src/configuration-page.ts";

test("docs/configuration.md says what the tables say (node scripts/generate-configuration.mjs)", async () => {
  expect(await readFile(repositoryPath("docs/configuration.md"), "utf8")).toBe(configurationPage());
});

test("no default of a secret is shown, and secrets have their _FILE form", () => {
  expect(configurationPage()).toContain("`SKYSCAN_BROKER_AUTH`, `SKYSCAN_BROKER_AUTH_FILE` | unset |");
});
