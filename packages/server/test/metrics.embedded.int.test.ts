// A real scan in this process over the embedded broker, scraped while it runs; the client is played by hand.
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { createMetrics } from "../src/report/metrics.ts";
import { failureFor } from "./deliveries.ts";
import { openDesk } from "./scan-by-hand.ts";
import type { RunningScan, ScanDesk } from "./scan-by-hand.ts";

vi.setConfig({ testTimeout: 30_000 });
let desk: ScanDesk;
beforeEach(async () => void (desk = await openDesk()));
afterEach(() => desk.close());

async function scraped(scan: RunningScan, path = "/metrics"): Promise<Response> {
  const { fields } = await scan.said("metrics are served at /metrics");
  return fetch(`http://127.0.0.1:${String(fields["port"])}${path}`);
}

/** The samples of a scrape, `name{labels}` to value. */
const samples = (text: string): ReadonlyMap<string, number> =>
  new Map(
    text
      .split("\n")
      .filter((line) => line !== "" && !line.startsWith("#"))
      .map((line) => [line.slice(0, line.lastIndexOf(" ")), Number(line.slice(line.lastIndexOf(" ") + 1))]),
  );

describe("metrics", () => {
  test("say how the scan is, while it runs; the port is closed when it ends", async () => {
    const scan = desk.start({ metrics: { host: "127.0.0.1", port: 0 } });
    const startup = await scan.startup;
    const before = samples(await (await scraped(scan)).text());
    expect(before.get('skyscan_workers{state="working"}')).toBe(0);
    expect(before.get("skyscan_time_left_seconds")).toBeNaN();

    const client = await desk.client(startup, "host-a-1", { slots: 4 });
    client.answerAll(undefined, ({ unit, attempt }) => unit === "1/7/0" && attempt < 3);
    await (await client.work("1/7/0")).answer(failureFor("1/7/0", 1));
    const again = await client.work("1/7/0");
    const response = await scraped(scan);
    expect(response.headers.get("content-type")).toContain("text/plain; version=0.0.4");
    const now = samples(await response.text());
    const expected: Readonly<Record<string, number>> = {
      'skyscan_phase{phase="scanning"}': 1,
      'skyscan_units_total{nside="1",state="done"}': 11,
      'skyscan_units_total{nside="1",state="failed"}': 0,
      'skyscan_planned_units{nside="1"}': 12,
      'skyscan_predicted_units{nside="1"}': 12,
      skyscan_outstanding_units: 1,
      skyscan_waiting_units: 0,
      'skyscan_workers{state="hello"}': 1,
      skyscan_slots: 4,
      skyscan_hosts: 1,
      skyscan_best_llh: 0,
      skyscan_broker_up: 1,
      'skyscan_faults_total{fault="failures"}': 1,
      'skyscan_fit_duration_seconds_count{nside="1"}': 12,
      'skyscan_fit_duration_seconds_bucket{le="0.1",nside="1"}': 0,
      'skyscan_fit_duration_seconds_bucket{le="0.5",nside="1"}': 12,
      'skyscan_fit_failures_total{code="crashed"}': 1,
    };
    expect(Object.fromEntries(Object.keys(expected).map((name) => [name, now.get(name)]))).toEqual(expected);
    expect(now.get("skyscan_time_left_seconds")).toBeGreaterThan(0);
    expect(now.get("skyscan_journal_bytes")).toBeGreaterThan(11 * 79);
    expect(now.get("process_resident_memory_bytes")).toBeGreaterThan(1e6);
    const info = [...now.keys()].find((name) => name.startsWith("skyscan_info"));
    expect(info).toContain(`scan="${startup.scan_id}"`);

    const health = await scraped(scan, "/healthz");
    expect([health.status, await health.text()]).toEqual([200, "ok\n"]);
    expect((await scraped(scan, "/etc/passwd")).status).toBe(404);
    client.answerAll();
    await client.until(() => !client.held.includes(again));
    expect(await scan.end).toMatchObject({ status: 0 });
    await expect(scraped(scan)).rejects.toThrow();
  });

  test("on a port that is in use: 2 before anything is begun, naming flag and port", async () => {
    const other = createServer();
    await new Promise<void>((resolve) => void other.listen(0, "127.0.0.1", resolve));
    const { port } = other.address() as AddressInfo;
    const scan = desk.start({ metrics: { host: "127.0.0.1", port } });
    expect(await scan.end).toMatchObject({ status: 2 });
    expect((await scan.end).why).toContain(`--metrics-port ${port} on 127.0.0.1 is in use`);
    expect(scan.lines).toEqual([]);
    other.close();
  });

  test("on an address that is not this machine's: 2", async () => {
    const scan = desk.start({ metrics: { host: "192.0.2.1", port: 0 } });
    expect((await scan.end).why).toMatch(/--metrics-port 0 on 192.0.2.1 cannot be listened on .*--metrics-host/);
  });
});

test("docs/monitoring.md has a row for every metric, with its type and labels, and for no other", async () => {
  const page = await readFile(new URL("../../../docs/monitoring.md", import.meta.url), "utf8");
  const rows = [...page.matchAll(/^\| `(skyscan_\w+)` \| (\w+) \| (.*?) \| (.*?) \|$/gm)].map(([, name, type, labels, help]) => ({
    name,
    type,
    labels: [...(labels ?? "").matchAll(/`(\w+)`/g)].map(([, label]) => label),
    help,
  }));
  const { registry } = await createMetrics();
  const own = registry.getMetricsAsArray().filter(({ name }) => name.startsWith("skyscan_"));
  const made = own.map((metric) => {
    const { name, help, type, labelNames } = metric as unknown as {
      name: string;
      help: string;
      type: string;
      labelNames: string[];
    };
    return { name, type, labels: labelNames, help };
  });
  expect(rows.map(({ name }) => name)).toEqual(made.map(({ name }) => name));
  expect(rows).toEqual(made);
});
