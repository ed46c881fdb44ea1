import { execFileSync } from "node:child_process";
import { chown, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BrokerError } from "@skyscan/broker";
import { writeStartupFile } from "@skyscan/protocol";
import { silentLogger } from "@skyscan/runtime";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createResolver } from "../src/connection.ts";
import { waitForStartup } from "../src/startup-wait.ts";
import { readTokenFile } from "../src/token-file.ts";
import { startupOf } from "./messages.ts";

const me = process.getuid!();
const stranger = 65_534;

let directory: string;
let path: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "skyscan-token-"));
  path = join(directory, "token");
});
afterEach(() => rm(directory, { recursive: true, force: true }));

async function refusal(reading: Promise<unknown>): Promise<string> {
  const error = await reading.catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(BrokerError);
  expect(error).toMatchObject({ code: "refused-credentials", message: expect.stringContaining("SKYSCAN_BROKER_AUTH") as string });
  return (error as BrokerError).message;
}

describe("a token file that a startup file names", () => {
  test("is one line, however it ends", async () => {
    for (const [content, token] of [
      ["abc-DEF_123", "abc-DEF_123"],
      ["abc\n", "abc"],
      ["abc\r\n", "abc"],
      [`${"x".repeat(16_000)}\n`, "x".repeat(16_000)],
    ] as const) {
      await writeFile(path, content);
      expect(await readTokenFile(path, me)).toBe(token);
    }
  });

  test.each([
    ["a private key", "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXk\n-----END OPENSSH PRIVATE KEY-----\n"],
    ["a file of accounts", "root:x:0:0:root:/root:/bin/bash\ndaemon:x:1:1::/:/bin/false\n"],
    ["nothing", ""],
    ["an empty line", "\n"],
    ["a binary", "\u0000\u0001secret"],
    ["far too much", "x".repeat(100_000)],
  ])("with %s in it is not sent anywhere, and not shown", async (_, content) => {
    await writeFile(path, content);
    const message = await refusal(readTokenFile(path, me));
    expect(message).toContain(path);
    expect(message).not.toMatch(/OPENSSH|root:x|secret|xxx/);
  });

  test("that is no file is refused, and no pipe is waited for", async () => {
    expect(await refusal(readTokenFile(directory, me))).toContain("no regular file");
    execFileSync("mkfifo", [path]);
    expect(await refusal(readTokenFile(path, me))).toContain("no regular file");
    expect(await refusal(readTokenFile("/dev/zero", me))).toContain("no regular file");
  });

  test("of another user than the startup file's is not followed, not through a link either", async () => {
    await writeFile(path, "mine\n");
    const link = join(directory, "link");
    await symlink(path, link);
    for (const way of [path, link]) expect(await refusal(readTokenFile(way, stranger))).toMatch(/belongs to another user/);
  });

  test.skipIf(me !== 0)("a startup file that a stranger wrote leads to his own files alone", async () => {
    const startupPath = join(directory, "client-startup.json");
    await writeFile(path, "mine\n");
    await writeStartupFile(
      startupPath,
      startupOf({ broker: { client: "embedded", address: "evil.example:1", tokenFile: path } }),
    );
    const resolverOf = async (): Promise<ReturnType<typeof createResolver>> => {
      const [found] = (await waitForStartup([startupPath], {
        waitSec: 0,
        logger: silentLogger,
        signal: new AbortController().signal,
      }))!;
      return createResolver({
        path: startupPath,
        found: found!,
        environment: {},
        goneSec: 60,
        logger: silentLogger,
        onEnded: () => undefined,
      });
    };
    expect(await (await resolverOf())()).toMatchObject({ auth: "mine" });
    await chown(startupPath, stranger, stranger);
    expect(await refusal((await resolverOf())())).toMatch(/another user \(0\) than the startup file that names it \(65534\)/);
    await chown(path, stranger, stranger);
    expect(await (await resolverOf())()).toMatchObject({ auth: "mine" });
  });
});
