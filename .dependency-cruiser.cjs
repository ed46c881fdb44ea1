// The layer rules of the house. A relative import across packages escapes tsc; this does not let it through.
const allowed = {
  healpix: [], runtime: [], icecube: [], protocol: ["runtime"], broker: ["runtime"], skymap: ["healpix"],
  recos: ["protocol","runtime","icecube"], simulation: ["icecube","healpix"],
  server: ["broker","protocol","recos","skymap","icecube","healpix","runtime"],
  client: ["broker","protocol","recos","runtime"],
};
const only = (name, lib, where) => ({ name, severity: "error", from: { path: "^packages/[^/]+/src", pathNot: where }, to: { path: lib } });
module.exports = {
  forbidden: [
    { name: "no-circular", severity: "error", from: {}, to: { circular: true } },
    { name: "no-relative-import-across-packages", severity: "error", from: { path: "^packages/([^/]+)/" }, to: { path: "^packages/", pathNot: ["^packages/$1/", "node_modules"], dependencyTypes: ["local"] } },
    { name: "drivers-do-not-know-each-other", severity: "error", from: { path: "^packages/broker/src/drivers/([^/.]+)" }, to: { path: "^packages/broker/src/drivers/", pathNot: "^packages/broker/src/drivers/$1" } },
    ...Object.entries(allowed).map(([from, to]) => ({
      name: `layer-${from}`, severity: "error", from: { path: `^packages/${from}/src` },
      to: { path: `^packages/(?!(${[from, ...to].join("|")})/)[^/]+/` },
    })),
    { name: "testing-only-in-tests", severity: "error", from: { path: "^packages/(?!testing/)[^/]+/src" }, to: { path: "^packages/testing/" } },
    only("broker-libraries-only-in-drivers", "node_modules/(amqplib|@grpc|@nats-io|pulsar-client|ws|protobufjs)/", "^packages/broker/src/(drivers|gen)"),
    only("pino-only-in-runtime", "node_modules/pino", "^packages/runtime/"),
    only("yargs-only-in-cli", "node_modules/yargs/", "^packages/cli/"),
  ],
  options: {
    doNotFollow: { path: "node_modules|/dist/" }, tsPreCompilationDeps: true, combinedDependencies: true,
    exclude: { path: "/(dist|build)/" }, enhancedResolveOptions: { conditionNames: ["@skyscan/source", "import", "default"], exportsFields: ["exports"] },
  },
};
