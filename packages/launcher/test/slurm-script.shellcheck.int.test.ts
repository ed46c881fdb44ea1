// Starts shellcheck.
import { spawnSync } from "node:child_process";
import { expect, test } from "vitest";
import { batchSystem } from "@skyscan/launcher";
import type { FleetRequest } from "@skyscan/launcher";
import { skipReason } from "@skyscan/testing";
import { fleetRequest } from "./fleet-request.ts";

const missing = skipReason(
  "shellcheck",
  spawnSync("shellcheck", ["--version"]).status === 0
    ? undefined
    : "there is no shellcheck here (Debian: apt-get install shellcheck)",
);

const requests: readonly Partial<FleetRequest>[] = [
  {},
  { program: { kind: "directory", path: "/opt/sky scan" }, timeLimitSec: 3600 },
  { image: "/images/a b.sif", environment: { NAME: "it's" }, environmentFiles: { SKYSCAN_BROKER_AUTH_FILE: "/t" } },
];

test.skipIf(missing !== undefined).each(requests)("shellcheck has nothing to say about the script for %j", (different) => {
  const input = batchSystem("slurm").write(fleetRequest(different)).main.text;
  expect(spawnSync("shellcheck", ["-"], { input, encoding: "utf8" }).stdout).toBe("");
});
