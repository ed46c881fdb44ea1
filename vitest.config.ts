import { defineConfig } from "vitest/config";

// Tests import the packages' sources, so no build is needed to run the unit tier; processes that tests start run the built files.
export default defineConfig({
  resolve: { conditions: ["@skyscan/source"] },
  ssr: { resolve: { conditions: ["@skyscan/source"] } },
  test: {
    include: ["packages/*/test/**/*.test.ts", "test/**/*.test.ts"],
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
});
