import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { repositoryPath } from "@skyscan/testing";

const run = promisify(execFile);

/** Calls the function as often as a short scan fits units; one call more takes up what was compiled. */
const few = `
let sum = 0;
function fewTimes(call) { for (let step = 0; step < 20; step += 1) sum += (call ^ step) % 7; return sum; }
for (let call = 0; call <= 200; call += 1) fewTimes(call);
`;
/** Keeps the processor for two seconds, with turns of the event loop. */
const busy = `
const untilMs = performance.now() + 2000;
while (performance.now() < untilMs) {
  const turnMs = performance.now() + 20;
  while (performance.now() < turnMs);
  await new Promise((resolve) => setImmediate(resolve));
}
`;
const late = `import { optimiseLate } from ${JSON.stringify(repositoryPath("packages/cli/dist/optimising.js"))};\noptimiseLate();\n`;

/** Whether V8 optimised the function. */
async function optimises(script: string): Promise<boolean> {
  const { stdout } = await run(
    process.execPath,
    ["--trace-opt", "--no-concurrent-recompilation", "--input-type=module", "--eval", script],
    {
      env: { ...process.env, NODE_OPTIONS: "" },
    },
  );
  return /completed (optimizing|compiling) .*fewTimes/.test(stdout);
}

test("what runs a few times is optimised by V8, not in a command that has little to do, and again in one that is busy", async () => {
  expect(await optimises(few)).toBe(true);
  expect(await optimises(late + few)).toBe(false);
  expect(await optimises(late + busy + few)).toBe(true);
});
