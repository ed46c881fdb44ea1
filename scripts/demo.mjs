// `npm run demo`: from a fresh clone to a skymap of a simulated event. Further arguments go to `skyscan demo`.
import { spawn } from "node:child_process";
import { join } from "node:path";
import { prepare } from "./prepare.mjs";
import { checkout, command, forwardSignals } from "./processes.mjs";

await command(async (args) => {
  await prepare();
  const child = spawn(process.execPath, [join(checkout, "packages/cli/bin/skyscan.js"), "demo", ...args], { stdio: "inherit" });
  forwardSignals(child);
  return new Promise((resolve) => child.on("close", (status) => resolve(status ?? 1)));
});
