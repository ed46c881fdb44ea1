import tseslint from "typescript-eslint";

export default tseslint.config(
  { ignores: ["**/dist/**", "**/build/**", "**/gen/**", "**/fixtures/**", "**/*.cjs", "**/*.js", "**/*.mjs", "examples/**/node_modules/**"] },
  ...tseslint.configs.strictTypeChecked,
  {
    languageOptions: {
      parserOptions: { project: ["./packages/*/tsconfig.json", "./tsconfig.test.json"], tsconfigRootDir: import.meta.dirname },
    },
    rules: {
      "@typescript-eslint/switch-exhaustiveness-check": ["error", { considerDefaultExhaustiveForUnions: true }],
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true, allowBoolean: true, allowNullish: true }],
      "@typescript-eslint/no-non-null-assertion": "off",
      "@typescript-eslint/no-confusing-void-expression": ["error", { ignoreArrowShorthand: true }],
      "@typescript-eslint/consistent-type-imports": "error",
      "@typescript-eslint/no-unused-vars": ["error", { argsIgnorePattern: "^_", varsIgnorePattern: "^_" }],
      "@typescript-eslint/no-unnecessary-condition": ["error", { allowConstantLoopConditions: "only-allowed-literals" }],
      "no-restricted-properties": ["error", { object: "process", property: "exit", message: "Only main.ts ends the process." }],
      "no-restricted-syntax": ["error", { selector: "MemberExpression[object.name='process'][property.name='env']", message: "process.env is read in runtime and in each process's env.ts." }],
    },
  },
  { files: ["packages/cli/src/main.ts"], rules: { "no-restricted-properties": "off" } },
  { files: ["packages/runtime/src/**", "packages/testing/src/**", "**/test/**", "bench/**", "test/**", "scripts/**"], rules: { "no-restricted-syntax": "off" } },
  { files: ["**/test/**", "test/**", "bench/**"], rules: { "@typescript-eslint/no-unsafe-assignment": "off", "@typescript-eslint/no-unsafe-member-access": "off" } },
);
