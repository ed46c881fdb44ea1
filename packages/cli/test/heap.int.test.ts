import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { repositoryPath } from "@skyscan/testing";

const run = promisify(execFile);

/** Makes objects that outlive a few turns, until V8 has had every reason to give them more room; prints what it gave, bytes. */
const busy = `
import { getHeapSpaceStatistics } from "node:v8";
let kept = [];
for (let turn = 0; turn < 400; turn += 1) {
  for (let made = 0; made < 20000; made += 1) kept.push({ turn, made: [made] });
  if (turn % 4 === 3) kept = [];
  await new Promise((resolve) => setImmediate(resolve));
}
console.log(getHeapSpaceStatistics().find((space) => space.space_name === "new_space").space_size);
`;
const limited = `import { boundHeap } from ${JSON.stringify(repositoryPath("packages/cli/dist/heap.js"))};\nboundHeap();\n`;

const youngMiB = async (script: string): Promise<number> => {
  const { stdout } = await run(process.execPath, ["--input-type=module", "--eval", script], {
    env: { ...process.env, NODE_OPTIONS: "" },
  });
  return Number(stdout) / 2 ** 20;
};

test("V8 takes at most 16 MiB for young objects where it would take all that it may", async () => {
  const [free, held] = await Promise.all([youngMiB(busy), youngMiB(limited + busy)]);
  expect(free).toBeGreaterThan(24);
  expect(held).toBeLessThan(17);
});
