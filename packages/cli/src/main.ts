import { setMaxListeners } from "node:events";
import { UsageError, messageOf } from "@skyscan/runtime";
import { commandLine } from "./command-line.ts";
import { boundHeap } from "./heap.ts";
import { optimiseLate } from "./optimising.ts";

boundHeap();
optimiseLate();

const stop = new AbortController();
const force = new AbortController();
// Every scan of every client in this process listens.
setMaxListeners(0, stop.signal, force.signal);

function onSignal(): void {
  if (stop.signal.aborted) force.abort();
  stop.abort();
}
process.on("SIGINT", onSignal);
process.on("SIGTERM", onSignal);
// Started by `skyscan scan`: its end, however it came, is ours.
if (process.connected) {
  process.on("disconnect", onSignal);
  process.channel?.unref();
}
// A reader that went away (`| head`) is no error of ours.
process.stdout.on("error", () => undefined);

try {
  process.exitCode = await commandLine(process.argv.slice(2), { signal: stop.signal, force: force.signal });
} catch (error) {
  if (error instanceof UsageError) {
    for (const problem of error.problems) process.stderr.write(`skyscan: ${problem}\n`);
    process.exitCode = 2;
  } else {
    process.stderr.write(
      `skyscan: this is a bug: ${error instanceof Error ? (error.stack ?? messageOf(error)) : messageOf(error)}\n`,
    );
    process.exitCode = 1;
  }
}
// Whatever a library left open must not keep a finished command alive.
await new Promise<void>((resolve) => process.stdout.write("", () => resolve()));
process.exit();
