import { execFile, spawnSync } from "node:child_process";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { repositoryPath, skipReason } from "@skyscan/testing";

const missing = skipReason(
  "shellcheck",
  spawnSync("shellcheck", ["--version"]).status === 0
    ? undefined
    : "there is no shellcheck here (Debian: apt-get install shellcheck)",
);

/** Every shell script of the checkout: by its name, or by its first line. */
async function shellScripts(): Promise<readonly string[]> {
  const { stdout } = await promisify(execFile)("git", ["grep", "-lE", "^#!.*\\b(ba|da)?sh$", "--", ":!*.md", ":!*.ts"], {
    cwd: repositoryPath(),
  });
  return stdout.trim().split("\n");
}

describe.skipIf(missing !== undefined)("shellcheck", () => {
  test("has nothing to say about any script", async () => {
    const scripts = await shellScripts();
    expect(scripts).toEqual(expect.arrayContaining(["resources/launch_scripts/launch.sh", "packages/cli/bundle/skyscan.sh"]));
    // What a script sources is among them; that it is found at run time is for the script's own test.
    const { stdout } = spawnSync("shellcheck", ["--exclude=SC1091", ...scripts], { cwd: repositoryPath(), encoding: "utf8" });
    expect(stdout).toBe("");
  });
});
