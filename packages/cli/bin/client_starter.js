#!/usr/bin/env node
// `client_starter …` is `skyscan start-clients …`.
process.argv.splice(2, 0, "start-clients");
await import("../dist/main.js");
