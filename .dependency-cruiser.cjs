// The layer rules of the house. A relative import across packages escapes tsc; this does not let it through.
// Each package, and the packages that its sources may import; what is not named here (cli, testing) may import all but the private ones.
const mayImport = {
  healpix: [],
  runtime: [],
  icecube: [],
  protocol: ["runtime"],
  broker: ["runtime"],
  skymap: ["healpix"],
  recos: ["protocol", "runtime", "icecube"],
  simulation: ["icecube", "healpix"],
  server: ["broker", "protocol", "recos", "skymap", "icecube", "healpix", "runtime"],
  client: ["broker", "protocol", "recos", "runtime"],
  launcher: ["runtime"],
  testing: ["broker", "protocol", "runtime"],
};

const layer = ([name, others]) => ({
  name: `layer-${name}`,
  comment: `${name} may import ${others.length === 0 ? "no other package" : others.join(", ")} (docs/architecture.md)`,
  severity: "error",
  from: { path: `^packages/${name}/src/` },
  to: { path: `^packages/(?!(${[name, ...others].join("|")})/)[^/]+/` },
});

const onlyIn = (name, libraries, where) => ({
  name,
  severity: "error",
  from: { path: "^packages/[^/]+/src/", pathNot: where },
  to: { path: `node_modules/(${libraries})/` },
});

module.exports = {
  forbidden: [
    { name: "no-circular", severity: "error", from: {}, to: { circular: true, viaOnly: { pathNot: "node_modules" } } },
    { name: "no-circles-of-folders", severity: "error", scope: "folder", from: {}, to: { circular: true } },
    {
      name: "no-unresolvable",
      comment: "An import that resolves to nothing would pass every other rule.",
      severity: "error",
      from: {},
      // Installed by those who use that broker; its driver says how when it is missing.
      to: { couldNotResolve: true, pathNot: "^pulsar-client$" },
    },
    {
      name: "no-relative-import-across-packages",
      severity: "error",
      from: { path: "^packages/([^/]+)/" },
      to: { path: "^packages/", pathNot: "^packages/$1/", dependencyTypes: ["local"] },
    },
    {
      name: "drivers-do-not-know-each-other",
      severity: "error",
      from: { path: "^packages/broker/src/drivers/([^/.]+)" },
      to: { path: "^packages/broker/src/drivers/", pathNot: "^packages/broker/src/drivers/$1(/|[.])" },
    },
    ...Object.entries(mayImport).map(layer),
    {
      name: "testing-only-in-tests",
      severity: "error",
      from: { path: "^packages/(?!testing/)[^/]+/src/" },
      to: { path: "^packages/testing/" },
    },
    {
      name: "sources-do-not-import-tests",
      severity: "error",
      from: { path: "^packages/[^/]+/src/" },
      to: { path: "^(packages/[^/]+/test|test|bench|scripts|examples)/" },
    },
    onlyIn(
      "broker-libraries-only-in-drivers",
      "amqplib|@grpc|@nats-io|pulsar-client|ws|protobufjs|@bufbuild/protobuf",
      "^packages/broker/src/(drivers|gen)/",
    ),
    onlyIn("pino-only-in-runtime", "pino|pino-pretty", "^packages/runtime/"),
    onlyIn("yargs-only-in-cli", "yargs", "^packages/cli/"),
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    exclude: { path: "(^|/)(dist|build|coverage|[.]cache)/" },
    tsPreCompilationDeps: true,
    combinedDependencies: true,
    // "@skyscan/source": packages resolve to their sources, as in the tests, so that the rules above see through them.
    enhancedResolveOptions: { conditionNames: ["@skyscan/source", "import", "node", "default"], exportsFields: ["exports"] },
  },
};
