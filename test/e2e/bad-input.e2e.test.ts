import { mkdir, readFile, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { dataMissing, freePort, rabbitmqMissing, runSkyscan, startRabbitmq } from "@skyscan/testing";
import type { Rabbitmq, SkyscanEnd } from "@skyscan/testing";
import { bronze, simulatedIn } from "./events.ts";
import { freshDirectories } from "./fresh-directories.ts";
import { scanning } from "./scanning.ts";

// Bad input: one clear message that names flag or file, value and what is allowed; the right exit status; no stack trace; nothing half-written.

const freshDirectory = freshDirectories();
let directory: string;
beforeAll(async () => {
  directory = await freshDirectory();
});

const quiet = {
  SKYSCAN_LOG: "warn",
  SKYSCAN_BROKER_ADDRESS: undefined,
  SKYSCAN_BROKER_AUTH: undefined,
  SKYSCAN_BROKER_CLIENT: undefined,
};

/** A server with good flags, but for those given (the last of a flag stands). */
async function server(
  changes: Readonly<Record<string, readonly string[]>>,
  env: Readonly<Record<string, string>> = {},
): Promise<SkyscanEnd> {
  const flags: Record<string, readonly string[]> = {
    "--event-file": [simulatedIn(directory)],
    "--reco-algo": ["dummy"],
    "--nsides": ["1:0"],
    "--client-startup-json": [join(directory, "startup.json")],
    "--cache-dir": [join(directory, "cache")],
    "--output-dir": [join(directory, "out")],
    ...changes,
  };
  const words = Object.entries(flags).flatMap(([flag, values]) => [flag, ...values]);
  return runSkyscan(["server", ...words], { env: { ...quiet, ...env } });
}

function expectRefusal(end: SkyscanEnd, ...texts: readonly string[]): void {
  expect(end).toMatchObject({ status: 2, stdout: "" });
  for (const text of texts) expect(end.stderr).toContain(text);
  expect(end.stderr).not.toMatch(/^\s+at /m);
}

describe("the server refuses", () => {
  test("an event file that is not there", async () => {
    expectRefusal(
      await server({ "--event-file": ["/no/such/event.json"] }),
      "--event-file",
      "/no/such/event.json",
      "no such file",
    );
  });

  test("and its local clients, which were started with it, say nothing beside", async () => {
    const places = ["--cache-dir", join(directory, "cache"), "--output-dir", join(directory, "out")];
    const scan = ["scan", "--event-file", "/no/such/event.json", "--reco-algo", "dummy", "--clients", "2"];
    const end = await runSkyscan([...scan, ...places], { env: quiet });
    expect(end).toMatchObject({ status: 2, stdout: "", stderr: "--event-file /no/such/event.json: there is no such file\n" });
  });

  test.skipIf(dataMissing !== undefined)("a truncated and a garbled event", async () => {
    const whole = await readFile(bronze);
    const truncated = join(directory, "truncated.pkl");
    await writeFile(truncated, whole.subarray(0, 20_000));
    expectRefusal(await server({ "--event-file": [truncated] }), truncated);
    const garbled = join(directory, "garbled.json");
    await writeFile(garbled, '{"value": {"data": [["P", "????"]]}}');
    expectRefusal(await server({ "--event-file": [garbled] }), garbled);
  });

  test("nsides that are none, each with what is allowed", async () => {
    expectRefusal(await server({ "--nsides": ["8:0", "48:12"] }), "--nsides", "48", "power of two");
    expectRefusal(await server({ "--nsides": ["8:3"] }), "--nsides", "first extension must be 0");
    expectRefusal(await server({ "--nsides": ["64:0", "8:12"] }), "--nsides", "ascending");
  });

  test("a reco that is not there, listing what there is and what may have been meant", async () => {
    expectRefusal(await server({ "--reco-algo": ["pandl"] }), "pandl", 'did you mean "pandel"', "dummy");
  });

  test("several problems at once, all of them", async () => {
    const end = await server({ "--reco-algo": ["nothing"], "--nsides": ["7:0"], "--predictive-scanning-threshold": ["7"] });
    expectRefusal(end, "nothing", "--nsides", "--predictive-scanning-threshold");
  });

  test("a threshold, an attempt limit and an address out of range", async () => {
    expectRefusal(
      await server({ "--predictive-scanning-threshold": ["0.05"] }),
      "--predictive-scanning-threshold",
      "0.05",
      "0.1 to 1.0",
    );
    expectRefusal(await server({ "--max-attempts": ["-1"] }), "--max-attempts", "-1");
    expectRefusal(await server({ "--listen": ["nowhere"] }), "--listen", "HOST:PORT");
    expectRefusal(await server({ "--listen": ["0.0.0.0:0"] }), "--listen", "--insecure");
  });

  test("both of real and simulated, and a real event whose run id is none", async () => {
    expectRefusal(await server({ "--real-event": [], "--simulated-event": [] }), "--real-event", "--simulated-event");
    const demo = await runSkyscan(["demo", "--nsides", "1:0", "-o", join(directory, "demo")], { env: quiet });
    expect(demo).toMatchObject({ status: 0 });
    const simulated = join(directory, "demo", "simulated-1.json");
    expectRefusal(
      await server({ "--event-file": [simulated], "--real-event": [] }),
      "--real-event",
      "run id 1",
      "100000 to 999999",
    );
  });

  test("environment variables that make no sense, all of them, and never shows the secret", async () => {
    const env = { SKYSCAN_PROGRESS_INTERVAL_SEC: "soon", SKYSCAN_RESULT_INTERVAL_SEC: "-1" };
    expectRefusal(
      await server({}, env),
      "SKYSCAN_PROGRESS_INTERVAL_SEC",
      "soon",
      "SKYSCAN_RESULT_INTERVAL_SEC",
      "-1",
      "greater than 0",
    );
    expectRefusal(
      await server({}, { SKYSCAN_SKYDRIVER_ADDRESS: "https://example.org" }),
      "SKYSCAN_SKYDRIVER_ADDRESS",
      "not supported yet",
    );
    const alone = await server({}, { SKYSCAN_BROKER_AUTH: "hush-hush" });
    expectRefusal(alone, "SKYSCAN_BROKER_AUTH", "SKYSCAN_BROKER_ADDRESS");
    expect(alone.stderr).not.toContain("hush-hush");
  });

  test("an unknown flag and an unknown command, with what may have been meant", async () => {
    expectRefusal(await runSkyscan(["server", "--evnt-file", "x"], { env: quiet }), "event-file");
    expectRefusal(await runSkyscan(["servr"], { env: quiet }), "server");
  });

  test("directories that cannot be made", async () => {
    const file = join(directory, "a-file");
    await writeFile(file, "");
    expectRefusal(await server({ "--output-dir": [join(file, "out")] }), "--output-dir", file);
    expectRefusal(await server({ "--cache-dir": [join(file, "cache")] }), "--cache-dir", file);
    expectRefusal(await server({ "--output-dir": ["/proc/nothing/x"] }), "--output-dir", "/proc/nothing/x");
  });

  test("a second server on one scan, naming the first", async () => {
    const place = join(directory, "twice");
    await mkdir(place, { recursive: true });
    const scan = scanning(place, { reco: "dummy", nsides: ["1:0"] });
    const first = scan.server();
    await first.said("clients may start");
    expectRefusal(await scan.server().ended, "another server", String(first.pid));
  });

  test("a broker that nobody answers at", async () => {
    const port = await freePort();
    expectRefusal(await server({}, { SKYSCAN_BROKER_ADDRESS: `127.0.0.1:${port}` }), `127.0.0.1:${port}`);
  });

  test("and leaves no result, no startup file and no temporary file behind", async () => {
    expect((await readdir(directory)).filter((name) => name.includes("startup") || name.endsWith(".tmp"))).toEqual([]);
    expect(await readdir(join(directory, "out")).catch(() => [])).toEqual([]);
  });

  describe.skipIf(rabbitmqMissing !== undefined)("a RabbitMQ broker", () => {
    let broker: Rabbitmq;
    beforeAll(async () => {
      broker = await startRabbitmq();
      await broker.addUser("nobody", "nothing");
      await broker.setRights("nobody", "/", { configure: "^$", write: "^$", read: "^$" });
    });
    afterAll(() => broker.stop());

    test("with a wrong password, which is not shown", async () => {
      const end = await server(
        {},
        { SKYSCAN_BROKER_ADDRESS: `amqp://guest@127.0.0.1:${broker.port}`, SKYSCAN_BROKER_AUTH: "wrong-secret" },
      );
      expectRefusal(end, `127.0.0.1:${broker.port}`);
      expect(end.stderr).not.toContain("wrong-secret");
    });

    test("without the rights that a server needs", async () => {
      expectRefusal(await server({}, { SKYSCAN_BROKER_ADDRESS: `amqp://nobody:nothing@127.0.0.1:${broker.port}` }), "configure");
    });

    test("with a virtual host that is not there", async () => {
      expectRefusal(await server({}, { SKYSCAN_BROKER_ADDRESS: `${broker.url}/nowhere` }), "nowhere");
    });
  });
});

describe("the client refuses", () => {
  test("a startup file that is not there, or is none", async () => {
    const missing = join(directory, "missing.json");
    expectRefusal(await runSkyscan(["client", "--client-startup-json", missing], { env: quiet }), missing);
    const wrong = join(directory, "wrong.json");
    await writeFile(wrong, '{"version": 1}');
    expectRefusal(await runSkyscan(["client", "--client-startup-json", wrong], { env: quiet }), wrong, "scan_id");
  });

  test("a number of slots or of clients that is none", async () => {
    expectRefusal(await runSkyscan(["client", "--slots", "many"], { env: quiet }), "--slots", "many", "auto");
    expectRefusal(await runSkyscan(["client", "--clients", "0"], { env: quiet }), "--clients", "0", "from 1");
  });
});
