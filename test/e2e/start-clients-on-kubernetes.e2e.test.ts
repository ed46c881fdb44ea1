// A script stands in for kubectl: no cluster can run here.
import { chmod, mkdir, readFile, readdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { eventually, readJson, runSkyscan } from "@skyscan/testing";
import { dummyScans } from "./dummy-scans.ts";
import { expectWithout } from "./secret-shapes.ts";

const fresh = dummyScans();
const password = `s3cr3t/+"ä@:`;

/** Keeps the words and the input of each of its calls, and says what kubectl says of a Job that was made. */
const standIn = `#!/bin/sh
here=$(dirname "$0")
echo "$*" >>"$here/argv"
case $* in
    *filename=-*) cat >"$here/input" ;;
    create*) echo "ice 0123-uid" ;;
esac
`;

test("start-clients --on k8s hands a Job and a Secret to kubectl, and writes the manifest where there is none; no bundle is made", async () => {
  const scan = await fresh();
  scan.server();
  await eventually("the startup file", () => readJson(scan.startup));
  const bin = join(scan.directory, "bin");
  await mkdir(bin);
  await writeFile(join(bin, "kubectl"), standIn);
  await chmod(join(bin, "kubectl"), 0o755);
  const start = (logs: string, path: string): ReturnType<typeof runSkyscan> =>
    runSkyscan(
      [
        ...["start-clients", "--on", "k8s", "--image", "registry/skyscan:0.1.0", "--jobs", "2"],
        ...["--client-startup-json", scan.startup, "--logs-directory", join(scan.directory, logs)],
      ],
      {
        env: {
          ...scan.env,
          PATH: path,
          SKYSCAN_BROKER_ADDRESS: `amqp://scanner@broker.example`,
          SKYSCAN_BROKER_AUTH: password,
        },
      },
    );
  const withNode = dirname(process.execPath);

  const without = await start("without", "/nowhere");
  expect(without).toMatchObject({ status: 2, stdout: "" });
  const manifest = /(\/\S*job\.yaml) says which commands/.exec(without.stderr)?.[1];
  expect(await readFile(manifest!, "utf8")).toContain("kubectl create -f job.yaml");

  const { status, stdout, stderr } = await start("with", `${bin}:${withNode}:/bin:/usr/bin`);
  expect([status, stdout]).toEqual([0, expect.stringMatching(/^2 pods asked for as job skyscan-\S+ in namespace ice/)]);
  const logs = /start-clients stop (\S+)/.exec(stderr)![1]!;
  expect((await readdir(logs)).sort()).toEqual(["broker-token", "fleet.json", "job.yaml"]);
  for (const text of [stdout, stderr, await readFile(join(bin, "argv"), "utf8")]) expectWithout(password, text, "what was said");
  for (const name of ["fleet.json", "job.yaml"]) expectWithout(password, await readFile(join(logs, name)), name);
  const { items } = JSON.parse(await readFile(join(bin, "input"), "utf8")) as {
    readonly items: readonly [unknown, { readonly kind: string; readonly data: Readonly<Record<string, string>> }];
  };
  expect(items[1].kind).toBe("Secret");
  expect(Buffer.from(items[1].data["SKYSCAN_BROKER_AUTH_FILE"]!, "base64").toString().trim()).toBe(password);
});
