// Starts shell scripts, and small stand-ins for server and client: what is tested here is what the scripts do around them.
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { copyFile, mkdir, mkdtemp, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { repositoryPath } from "@skyscan/testing";

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "skyscan-scripts-"));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

interface Ended {
  readonly status: number;
  readonly stderr: string;
}

const runScript = (path: string, args: readonly string[], env: Record<string, string> = {}): Promise<Ended> =>
  new Promise((resolve) => {
    const child = execFile(
      path,
      args,
      { cwd: directory, env: { PATH: process.env["PATH"], ...env } },
      (_error, _stdout, stderr) => resolve({ status: child.exitCode ?? -1, stderr }),
    );
  });

describe("wait_for_file.sh", () => {
  const waitForFile = (...args: string[]): Promise<Ended> =>
    runScript(repositoryPath("resources/launch_scripts/wait_for_file.sh"), args);

  it("ends with 0 when the file is there, also when no time is left to wait", async () => {
    await writeFile(join(directory, "it is here.json"), "{}");
    expect((await waitForFile("it is here.json", "0")).status).toBe(0);
  });

  it("ends with 0 as soon as the file appears", async () => {
    const script = spawn(repositoryPath("resources/launch_scripts/wait_for_file.sh"), ["late.json", "060"], { cwd: directory });
    const ended = once(script, "exit");
    await once(script, "spawn");
    await writeFile(join(directory, "late.json"), "{}");
    expect(await ended).toEqual([0, null]);
  });

  it("ends with 62 when the time is over, and says which file", async () => {
    const { status, stderr } = await waitForFile("never.json", "1");
    expect(status).toBe(62);
    expect(stderr).toContain("never.json is not there after 1 s");
  });

  it("ends with 2 when the file can never appear, or the time is no number", async () => {
    expect((await waitForFile("nowhere/file.json", "1")).status).toBe(2);
    expect((await waitForFile("file.json", "soon")).status).toBe(2);
    expect((await waitForFile("file.json", "-1")).status).toBe(2);
  });

  it("ends with 1 and its usage when called with anything but two arguments", async () => {
    for (const args of [[], ["file.json"], ["file.json", "1", "2"]]) {
      const { status, stderr } = await waitForFile(...args);
      expect(status).toBe(1);
      expect(stderr).toContain("Usage: wait_for_file.sh FILE SECONDS");
    }
  });
});

describe("local-scan.sh", () => {
  let script: string;
  let settings: Record<string, string>;

  /** A stand-in that notes its arguments and its environment as JSON, then does `body`. */
  const standIn = (role: string, body: string): Promise<void> =>
    writeFile(
      join(directory, `${role}.js`),
      `import { existsSync, writeFileSync } from "node:fs";
      const argv = process.argv.slice(2);
      writeFileSync(${JSON.stringify(directory)} + "/${role}-" + process.pid + ".json", JSON.stringify({ argv, env: Object.keys(process.env) }));
      ${body}`,
    );

  const notes = async (role: string): Promise<{ argv: string[]; env: string[] }[]> => {
    const names = (await readdir(directory)).filter((name) => new RegExp(`^${role}-\\d+\\.json$`).test(name));
    return Promise.all(
      names.map(async (name) => JSON.parse(await readFile(join(directory, name), "utf8")) as { argv: string[]; env: string[] }),
    );
  };

  beforeEach(async () => {
    script = join(directory, "resources/launch_scripts/local-scan.sh");
    await mkdir(join(directory, "resources/launch_scripts"), { recursive: true });
    await copyFile(repositoryPath("resources/launch_scripts/local-scan.sh"), script);
    await writeFile(join(directory, "package.json"), `{"type":"module"}`);
    settings = {
      SKYSCAN_CACHE_DIR: join(directory, "the cache"),
      SKYSCAN_OUTPUT_DIR: join(directory, "output"),
      SKYSCAN_DEBUG_DIR: join(directory, "debug"),
      _RECO_ALGO: "millipede",
      _EVENTS_FILE: join(directory, "an event.json"),
      _NSIDES: "1:0 2:12",
    };
    await standIn("client", "");
  });

  it("starts one server with the settings and N clients with its startup file", async () => {
    await standIn("server", "");
    const { status } = await runScript(script, ["3", "out"], { ...settings, _PREDICTIVE_SCANNING_THRESHOLD: "0.65" });
    expect(status).toBe(0);
    const startup = join(directory, "out/client-startup.json");
    const server = (await notes("server"))[0]!;
    expect(server.argv.join("|")).toBe(
      [
        `--reco-algo|millipede|--event-file|${settings["_EVENTS_FILE"]!}|--client-startup-json|${startup}`,
        `--cache-dir|${settings["SKYSCAN_CACHE_DIR"]!}|--output-dir|${settings["SKYSCAN_OUTPUT_DIR"]!}|--nsides|1:0|2:12`,
        `--predictive-scanning-threshold|0.65`,
      ].join("|"),
    );
    expect(server.env).not.toContain("SKYSCAN_CACHE_DIR");
    const clients = await notes("client");
    expect(clients).toHaveLength(3);
    for (const client of clients) expect(client.argv.slice(0, 2)).toEqual(["--client-startup-json", startup]);
    expect(new Set(clients.map(({ argv }) => argv.at(-1))).size).toBe(3);
  });

  it("ends with the server's status, and leaves no client behind", async () => {
    await standIn("server", "process.exitCode = 4;");
    await standIn("client", "setInterval(() => {}, 1000);");
    expect((await runScript(script, ["2", "out"], settings)).status).toBe(4);
  });

  it("passes SIGTERM to the server and waits for its end", async () => {
    await standIn(
      "server",
      `const alive = setInterval(() => {}, 1000);
      process.on("SIGTERM", () => { clearInterval(alive); process.exitCode = 5; });
      console.error("up");`,
    );
    await standIn("client", "setInterval(() => {}, 1000);");
    const child = spawn(script, ["1", "out"], { cwd: directory, env: { PATH: process.env["PATH"], ...settings } });
    const ended = once(child, "exit");
    await once(child.stderr, "data");
    child.kill("SIGTERM");
    expect(await ended).toEqual([5, null]);
  });

  it("ends with 2 and names everything that is not set", async () => {
    const { status, stderr } = await runScript(script, ["1", "out"], { _RECO_ALGO: "dummy" });
    expect(status).toBe(2);
    expect(stderr).toContain("not set: SKYSCAN_CACHE_DIR SKYSCAN_OUTPUT_DIR SKYSCAN_DEBUG_DIR _EVENTS_FILE _NSIDES");
    expect((await runScript(script, ["none", "out"], settings)).status).toBe(2);
    expect((await runScript(script, ["1"], settings)).status).toBe(2);
  });
});
