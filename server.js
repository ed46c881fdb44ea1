// `node server …` in the checkout is `skyscan server …`.
process.argv.splice(2, 0, "server");
await import("./packages/cli/dist/main.js");
