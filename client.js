// `node client …` in the checkout is `skyscan client …`.
process.argv.splice(2, 0, "client");
await import("./packages/cli/dist/main.js");
