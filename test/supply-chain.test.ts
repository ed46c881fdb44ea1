import { readFile, readdir } from "node:fs/promises";
import { repositoryPath } from "@skyscan/testing";
import { describe, expect, test } from "vitest";

// Plain JavaScript, as all scripts.
const { verdictOf } = (await import(new URL("../scripts/audit.mjs", import.meta.url).href)) as {
  verdictOf: (output: string) => { readonly status: number; readonly lines: readonly string[] };
};

describe("install scripts", () => {
  test("of no package that is depended on are run: the list of those that may is empty", async () => {
    const workspace = await readFile(repositoryPath("pnpm-workspace.yaml"), "utf8");
    expect(workspace).toMatch(/^onlyBuiltDependencies: \[\]$/m);
    expect(workspace).not.toMatch(/dangerouslyAllowAllBuilds|neverBuiltDependencies|allowBuilds/);
  });

  test("are in no package of the product: what installs it runs nothing of it", async () => {
    for (const name of await readdir(repositoryPath("packages"))) {
      const about = JSON.parse(await readFile(repositoryPath("packages", name, "package.json"), "utf8")) as {
        readonly scripts?: Readonly<Record<string, string>>;
      };
      const hooks = Object.keys(about.scripts ?? {}).filter((script) => /^(pre|post)?install$|^prepare$/.test(script));
      expect([name, hooks]).toEqual([name, []]);
    }
  });
});

describe("the audit says", () => {
  const audit = (advisories: object): string =>
    `a word of npm\n${JSON.stringify({ advisories, metadata: { vulnerabilities: { high: Object.keys(advisories).length } } })}\n`;

  test("that there is nothing, when the registry says so", () => {
    expect(verdictOf(audit({}))).toMatchObject({ status: 0 });
  });

  test("what there is, one line each", () => {
    const one = { severity: "high", module_name: "left-pad", title: "Pads to the right", url: "https://example.org/1" };
    expect(verdictOf(audit({ 1: one }))).toEqual({
      status: 1,
      lines: ["high: left-pad: Pads to the right (https://example.org/1)"],
    });
  });

  test.each([
    ["a registry without audits", " ERR_PNPM_AUDIT_BAD_RESPONSE  The audit endpoint responded with 405: . "],
    ["an error as JSON", '{"error": {"code": "ERR_PNPM_AUDIT_BAD_RESPONSE", "message": "responded with 405"}}'],
    ["nothing", ""],
  ])("that it was not run, after %s: never that all is well", (_, output) => {
    const { status, lines } = verdictOf(output);
    expect(status).toBe(3);
    expect(lines.join()).toContain("Not run");
  });
});
