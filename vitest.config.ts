import { defineConfig } from "vitest/config";

// Tests import the packages' sources, so no build is needed to run the unit tier; processes that tests start run the built files.
// File names say the tier: scripts/test-tiers.mjs.
const unit = "{packages/*/test,test}/**/*.test.ts";
const processes = "{packages/*/test,test}/**/*.{int,e2e}.test.ts";

export default defineConfig({
  resolve: { conditions: ["@skyscan/source"] },
  ssr: { resolve: { conditions: ["@skyscan/source"] } },
  test: {
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
        // One file at a time: they start brokers, servers and clients, and would only wait for each other's processors.
        extends: true,
        test: {
          name: "processes",
          include: [processes],
          fileParallelism: false,
          maxWorkers: 1,
          testTimeout: 120_000,
          hookTimeout: 180_000,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
