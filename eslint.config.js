import { defineConfig } from "eslint/config";
import tseslint from "typescript-eslint";

const onlyMainEndsTheProcess = { object: "process", property: "exit", message: "Only main.ts ends the process." };
const environmentIsReadOnce = {
  selector: "MemberExpression[object.name='process'][property.name='env']",
  message: "process.env is read in runtime and in each process's env.ts.",
};

export default defineConfig(
  {
    ignores: [
      "**/{dist,build,coverage}/**",
      "**/gen/**", // generated
      "**/fixtures/**", // made by reference implementations
      "**/*.cjs",
    ],
  },
  {
    files: ["**/*.ts"],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: {
      parserOptions: { project: "./tsconfig.lint.json", tsconfigRootDir: import.meta.dirname },
    },
    rules: {
      "@typescript-eslint/switch-exhaustiveness-check": ["error", { considerDefaultExhaustiveForUnions: true }],
      "@typescript-eslint/restrict-template-expressions": [
        "error",
        { allowNumber: true, allowBoolean: true, allowNullish: true },
      ],
      "@typescript-eslint/no-non-null-assertion": "off",
      "@typescript-eslint/no-confusing-void-expression": [
        "error",
        { ignoreArrowShorthand: true, ignoreVoidReturningFunctions: true },
      ],
      "@typescript-eslint/consistent-type-imports": "error",
      "@typescript-eslint/no-unused-vars": ["error", { argsIgnorePattern: "^_", varsIgnorePattern: "^_" }],
      "@typescript-eslint/no-unnecessary-condition": ["error", { allowConstantLoopConditions: "only-allowed-literals" }],
      "no-restricted-properties": ["error", onlyMainEndsTheProcess],
      "no-restricted-syntax": ["error", environmentIsReadOnce],
    },
  },
  { files: ["packages/cli/src/main.ts"], rules: { "no-restricted-properties": "off" } },
  {
    files: ["packages/runtime/src/**", "packages/testing/src/**", "**/test/**", "bench/**", "examples/**", "vitest.config.ts"],
    rules: { "no-restricted-syntax": "off" },
  },
  {
    // Tests read untyped things: JSON on stdout, files written for other programs.
    files: ["**/test/**", "bench/**", "examples/**"],
    rules: { "@typescript-eslint/no-unsafe-assignment": "off", "@typescript-eslint/no-unsafe-member-access": "off" },
  },
  // The scripts run before anything is installed or built, hence plain JavaScript without types.
  {
    files: ["**/*.{js,mjs}"],
    extends: [tseslint.configs.strict],
    rules: { "@typescript-eslint/no-unused-vars": ["error", { argsIgnorePattern: "^_" }] },
  },
);
