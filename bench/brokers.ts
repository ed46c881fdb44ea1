// npm run bench:brokers -- [--driver NAME] [--clients N] [--units N] [--depth N] [--json]
// What a broker needs for a scan with many clients: memory, disk, open files. docs/performance.md
import { parseArgs } from "node:util";
import { openBroker } from "@skyscan/broker";
import type { Broker } from "@skyscan/broker";
import { silentLogger } from "@skyscan/runtime";
import { startShippedPulsar, startShippedRabbitmq } from "@skyscan/testing";
import { complain, runBenchmark, wholeNumber } from "./command.ts";
import { brokerNeeds } from "./brokers/needs.ts";
import type { Needs } from "./brokers/needs.ts";
import { stageClients } from "./brokers/stand-in-clients.ts";
import { messageBytes } from "./loop/sample-messages.ts";
import { alignedLines, printReport } from "./report.ts";

const usage = `npm run bench:brokers -- [options]

  --driver NAME        rabbitmq or pulsar (default: both)
  --clients N          clients, each with the connections and handles of one (default 300)
  --units N            units that they answer, one per message (default 20000)
  --depth N            messages that wait in a queue that nobody reads (default 100000)
  --json               one JSON object on stdout

The broker has the configuration of resources/brokers, with TLS; the clients are in this one process. Linux only.
Exit status: 0 measured; 1 it failed; 2 wrong usage.
`;

interface Settings {
  readonly drivers: readonly (keyof typeof brokers)[];
  readonly clients: number;
  readonly units: number;
  readonly depth: number;
  readonly json: boolean;
}

interface Row extends Needs {
  readonly driver: string;
  readonly when: string;
  readonly seconds: number;
}

const brokers = { rabbitmq: startShippedRabbitmq, pulsar: startShippedPulsar };

/** Undefined when help was asked for. @throws Error that names the option, the value and what is allowed */
function settingsOf(words: string[]): Settings | undefined {
  const { values } = parseArgs({
    args: words,
    options: {
      driver: { type: "string" },
      clients: { type: "string", default: "300" },
      units: { type: "string", default: "20000" },
      depth: { type: "string", default: "100000" },
      json: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) return undefined;
  const all = Object.keys(brokers) as (keyof typeof brokers)[];
  const drivers = all.filter((name) => values.driver === undefined || values.driver === name);
  if (drivers.length === 0) throw new Error(`--driver ${values.driver} is not allowed: it takes ${all.join(" or ")}`);
  return {
    drivers,
    clients: wholeNumber("clients", values.clients, 1),
    units: wholeNumber("units", values.units, 1),
    depth: wholeNumber("depth", values.depth, 1),
    json: values.json,
  };
}

async function measure(driver: keyof typeof brokers, settings: Settings): Promise<Row[]> {
  const shipped = await brokers[driver]();
  const rows: Row[] = [];
  try {
    const open = async (side: "server" | "client"): Promise<Broker> => {
      const connection = await shipped.connection(side);
      return openBroker(() => Promise.resolve(connection), { logger: silentLogger, purpose: side });
    };
    const step = async (when: string, act: () => Promise<unknown>): Promise<void> => {
      const startMs = performance.now();
      await act();
      const seconds = (performance.now() - startMs) / 1000;
      const row = { driver, when, seconds, ...(await brokerNeeds()) };
      complain(JSON.stringify(row));
      rows.push(row);
    };
    await step("booted", () => Promise.resolve());
    const server = await open("server");
    const stage = await stageClients(server, messageBytes());
    await step(`${settings.clients} clients connected, all at once`, () => stage.connect(settings.clients, () => open("client")));
    await step(`${settings.units} units answered`, () => stage.answer(settings.units));
    await step("all clients gone", () => stage.leave());
    await step(`${settings.depth} units wait`, () => stage.fill(settings.depth));
    await stage.remove();
    await server.close();
    return rows;
  } finally {
    await shipped.stop();
  }
}

const linesOf = (rows: readonly Row[]): string[] =>
  alignedLines([
    ["broker", "when", "took s", "memory MB", "disk MB", "open files"],
    ...rows.map(({ driver, when, seconds, memoryMb, diskMb, files }) => [
      driver,
      when,
      seconds.toFixed(1),
      memoryMb.toFixed(0),
      diskMb.toFixed(0),
      String(files),
    ]),
  ]);

async function main(settings: Settings): Promise<void> {
  const rows: Row[] = [];
  for (const driver of settings.drivers) rows.push(...(await measure(driver, settings)));
  printReport({ json: settings.json, rows, lines: () => linesOf(rows) });
}

await runBenchmark({ name: "brokers", usage, settingsOf, main });
