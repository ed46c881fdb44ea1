// A part of the fault campaign (`npm run faults`): whole scans as real processes, with faults at seeded moments.
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { driverLaunchers, temporaryDirectory } from "@skyscan/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { runCampaign } from "./campaign.ts";
import { catalogue } from "./catalogue.ts";
import { drawRuns } from "./draw.ts";
import { driverMissing } from "./kept-broker.ts";
import { makeReference } from "./reference.ts";
import type { Reference } from "./reference.ts";

let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
let reference: Reference;
beforeAll(async () => {
  directory = await temporaryDirectory();
  reference = await makeReference(join(directory.path, "reference"));
});
afterAll(() => directory.remove());

/** Pulsar takes too long to start again and again: `npm run faults -- --drivers pulsar`. */
const brokers = driverLaunchers.filter(({ client }) => client !== "pulsar");
const runs: readonly (readonly [string, number])[] = [["embedded", 6], ...brokers.map(({ name }) => [name, 4] as const)];

describe.each(runs)("over %s", (driver, count) => {
  test.skipIf(driverMissing(driver) !== undefined)(
    `${count} disturbed scans end with the result, the statuses and the tidiness of an undisturbed one`,
    async () => {
      const own = join(directory.path, driver);
      await mkdir(own);
      const often = catalogue.filter(({ weight }) => weight > 1);
      // One of them with maps and pictures, which the campaign draws seldom.
      const plans = drawRuns(often, driver, 4, count).map((plan, index) => ({ ...plan, extras: index === 0 }));
      const results = await runCampaign({
        driver,
        plans,
        reference,
        jobs: 2,
        directory: own,
        keep: false,
        onResult: () => undefined,
      });
      expect(results.filter(({ problems }) => problems.length > 0)).toEqual([]);
      expect(results.flatMap(({ struck }) => struck).length).toBeGreaterThan(count / 2);
    },
    300_000,
  );
});
