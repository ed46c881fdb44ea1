// What the programs in resources/recos/icetray are made of, and the shell through which they are started.
import { execFile } from "node:child_process";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { resources } from "./adapter-bench.ts";
import { insideImage } from "./image-stand-in.ts";

test("the adapters are Python that 3.8 understands", async () => {
  const found = await readdir(join(resources, "recos/icetray"), { recursive: true });
  const files = found.filter((name) => name.endsWith(".py")).map((name) => join(resources, "recos/icetray", name));
  expect(files.length).toBeGreaterThan(5);
  const program = "import ast, sys\nfor name in sys.argv[1:]: ast.parse(open(name).read(), name, feature_version=(3, 8))";
  await promisify(execFile)("python3", ["-c", program, ...files]);
});

test("the environment shell is entered where it is needed, and not twice", async () => {
  const script = join(resources, "recos/icetray/in-icetray.sh");
  const run = async (environment: NodeJS.ProcessEnv, ...command: readonly string[]): Promise<string> =>
    (await promisify(execFile)("sh", [script, ...command], { env: environment })).stdout;
  const outside = { ...process.env, ...insideImage("3.22.1") };
  expect(await run(outside, "sh", "-c", "echo $I3_BUILD $OPENBLAS_CORETYPE")).toMatch(/releases\/v3\.22\.1 Haswell\n$/);
  const inside = { ...outside, I3_BUILD: "/usr/local/icetray", OPENBLAS_CORETYPE: "Zen" };
  expect(await run(inside, "sh", "-c", "echo $I3_BUILD $OPENBLAS_CORETYPE")).toBe("/usr/local/icetray Zen\n");
  await expect(run(outside)).rejects.toMatchObject({ code: 2 });
});
