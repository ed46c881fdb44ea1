import { eventually, startSkyscan } from "@skyscan/testing";
import type { SkyscanProcess } from "@skyscan/testing";
import { expect } from "vitest";
import type { Scanning } from "./scanning.ts";

/** Asks over the broker, while the scan runs and to its end. */
export async function askOverBroker(scan: Scanning, server: SkyscanProcess, client: SkyscanProcess): Promise<void> {
  const ask = (...more: readonly string[]): SkyscanProcess =>
    startSkyscan(["status", "--client-startup-json", scan.startup, ...more], { env: scan.env, cwd: "/" });
  const json = await ask("--json").ended;
  expect(JSON.parse(json.stdout)).toMatchObject({ state: "scanning", workers: { alive: 1, presence: "working" } });
  const watching = ask("--watch");
  await eventually("it is shown", () => (/^state +scanning$/m.test(watching.stdout) ? true : undefined));
  expect(await scan.status("--finish-now")).toMatchObject({ status: 0 });
  expect(await watching.ended).toMatchObject({ status: 0 });
  expect(await server.ended).toMatchObject({ status: 3 });
  expect(await client.ended).toMatchObject({ status: 0 });
  const after = await ask().ended;
  expect(after).toMatchObject({ status: 2, stdout: "" });
  expect(after.stderr).toContain("has ended");
}
