import { defineConfig } from "vitest/config";
import { BaseSequencer } from "vitest/node";
import type { TestSpecification } from "vitest/node";

// Tests import the packages' sources, so no build is needed to run the unit tier; processes that tests start run the built files.
// File names say the tier: scripts/test-tiers.mjs.
const unit = "{packages/*/test,test}/**/*.test.ts";
const processes = "{packages/*/test,test}/**/*.{int,e2e}.test.ts";
/** They look at the clock or at processor time. */
const alone = ["test/faults/**/*.int.test.ts", "packages/recos/test/native-physics.int.test.ts"];
/** They take minutes: were one of them the last to begin, the others would be done long before it. */
const longest = [
  // Builds the image that others use: they would wait for it.
  "image.containers.e2e",
  "same-bytes.e2e",
  "kills.e2e",
  "start-clients.condor.e2e",
  "memory.e2e",
  "contract.pulsar.int",
  "redelivery.rabbitmq.e2e",
  "stopping.e2e",
  "scan-many.e2e",
  "redelivery.pulsar.e2e",
  "extras.python.int",
  "failures.e2e",
  "long-fits.rabbitmq.e2e",
  "contract.rabbitmq.int",
  "status.e2e",
  "rights.rabbitmq.e2e",
  "start-clients.slurm.e2e",
  // Compiles.
  "native-sanitized.int",
];

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification): number => {
      const place = longest.findIndex((name) => moduleId.endsWith(`/${name}.test.ts`));
      return place < 0 ? longest.length : place;
    };
    return (await super.sort(files)).sort((a, b) => rank(a) - rank(b));
  }
}

/** Room for a machine that does other things as well. In CI a test of real processes is tried once more; the summary lists each that needed it. */
const patience = { testTimeout: 240_000, hookTimeout: 240_000, retry: process.env["CI"] === undefined ? 0 : 1 };

export default defineConfig({
  resolve: { conditions: ["@skyscan/source"] },
  ssr: { resolve: { conditions: ["@skyscan/source"] } },
  test: {
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        extends: true,
        test: {
          name: "unit",
          include: [unit],
          exclude: [processes],
          maxWorkers: 2,
          testTimeout: 30_000,
          sequence: { groupOrder: 0 },
        },
      },
      {
        // They start brokers, servers and clients, and mostly wait for them: more files at a time than a small machine has processors.
        extends: true,
        test: {
          name: "processes",
          include: [processes],
          exclude: alone,
          maxWorkers: 3,
          ...patience,
          sequence: { groupOrder: 1 },
        },
      },
      {
        extends: true,
        test: {
          name: "alone",
          include: alone,
          fileParallelism: false,
          maxWorkers: 1,
          ...patience,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});
