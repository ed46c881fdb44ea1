// Starts a Python with the packages that scripts/test-services.mjs lists (SKYSCAN_TEST_PYTHON, else python3).
import { spawnSync } from "node:child_process";
import { describe, expect, test } from "vitest";
import { batchSystem } from "@skyscan/launcher";
import { skipReason } from "@skyscan/testing";
import { podRequest, podRequests } from "./pod-requests.ts";

const python = process.env["SKYSCAN_TEST_PYTHON"] ?? "python3";
const missing = skipReason(
  "python",
  spawnSync(python, ["-c", "import kubernetes_validate"]).status === 0
    ? undefined
    : `${python} cannot import kubernetes_validate`,
);

/** The oldest Kubernetes that is promised, and a newer one. */
const versions = ["1.29", "1.33"];

/** What the validator says of a manifest; strict: unknown keys are wrong. */
function complaints(manifest: string, version: string): string {
  const validate = "import sys, yaml, kubernetes_validate as k; k.validate(yaml.safe_load(sys.stdin), sys.argv[1], strict=True)";
  const { status, stderr } = spawnSync(python, ["-W", "ignore", "-c", validate, version], { input: manifest, encoding: "utf8" });
  return status === 0 ? "" : stderr;
}

describe.skipIf(missing !== undefined).each(versions)("against the schema of Kubernetes %s", (version) => {
  const texts = podRequests.map((different) => batchSystem("k8s").write(podRequest(different)).main.text);

  test.each(texts)("a manifest is valid, without unknown keys", (text) => {
    expect(complaints(text, version)).toBe("");
  });

  test("an unknown key, a wrong type and a missing part are refused", () => {
    const [text = ""] = texts;
    expect(complaints(text.replace("readOnlyRootFilesystem", "readOnlyRootFileSystem"), version)).toContain(
      "readOnlyRootFileSystem",
    );
    expect(complaints(text.replace(/parallelism: \d+/, "parallelism: many"), version)).toContain("many");
    expect(
      complaints(text.replace("restartPolicy", "# restartPolicy").replace("containers:", "volumeDevices:"), version),
    ).toContain("containers");
  });
});
