import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { openBroker } from "@skyscan/broker";
import { readStartupFile, scanQueues } from "@skyscan/protocol";
import { silentLogger } from "@skyscan/runtime";
import { resultNsides } from "./small-scan.ts";
import type { Stage } from "./stage.ts";

/** What ends with its parent may take this long to be gone, milliseconds. */
const goneMs = 3000;

/** Everything that is not as it must be after a scan whose processes have all ended by themselves; nothing when all is well. */
export async function judge(stage: Stage): Promise<readonly string[]> {
  return [
    ...(await sameResult(stage)),
    ...(await strayFiles(stage)),
    ...(await strayProcesses(stage)),
    ...(await strayQueues(stage)),
  ];
}

async function sameResult({ outputDirectory, reference }: Stage): Promise<readonly string[]> {
  const path = join(outputDirectory, `${reference.eventName}_${resultNsides}`);
  const problems: string[] = [];
  for (const [ending, expected] of [["npz", reference.npz] as const, ["json", reference.json] as const]) {
    const bytes = await readFile(`${path}.${ending}`).catch(() => undefined);
    if (bytes === undefined) problems.push(`there is no ${path}.${ending}`);
    else if (!bytes.equals(expected)) problems.push(`${path}.${ending} is not that of the undisturbed scan`);
  }
  return problems;
}

/** Temporary directory: nothing; output and cache: nothing but what an undisturbed scan leaves. */
async function strayFiles(stage: Stage): Promise<readonly string[]> {
  const { directory, outputDirectory, cacheDirectory, reference } = stage;
  const left = async (path: string): Promise<string[]> =>
    (await readdir(path, { recursive: true, withFileTypes: true }).catch(() => []))
      .filter((entry) => !entry.isDirectory())
      .map((entry) => join(entry.parentPath, entry.name));
  const belongs = new Set([
    `${reference.eventName}_${resultNsides}.npz`,
    `${reference.eventName}_${resultNsides}.json`,
    `${reference.eventName}.scan-manifest.json`,
    "scan-manifest.json",
    ...(stage.plan.extras ? reference.files : []),
    ...["journal", "scan-id", "server-socket.json", "broker-token", "broker-port"],
  ]);
  return patiently(async () => {
    const temporary = (await readdir(join(directory, "tmp"))).map((name) => join(directory, "tmp", name));
    const others = [...(await left(outputDirectory)), ...(await left(cacheDirectory))].filter(
      (path) => !belongs.has(path.split("/").at(-1)!),
    );
    return [...temporary, ...others].map((path) => `${path} is left behind`);
  });
}

/** Problems that are still there after the time that they may take to go. */
async function patiently(look: () => Promise<readonly string[]>): Promise<readonly string[]> {
  const deadline = performance.now() + goneMs;
  for (;;) {
    const problems = await look();
    if (problems.length === 0 || performance.now() > deadline) return problems;
    await pause(100);
  }
}

const strayProcesses = ({ family, directory }: Stage): Promise<readonly string[]> =>
  patiently(async () => {
    const alive = await family.alive(`TMPDIR=${join(directory, "tmp")}`);
    return alive.map((process) => `process ${process} is left behind`);
  });

async function strayQueues({ broker, directory }: Stage): Promise<readonly string[]> {
  const startup = await readStartupFile(join(directory, "client-startup.json"));
  if (startup === undefined) return ["there is no startup file"];
  const problems = startup.ended ? [] : ["the startup file does not say that the scan has ended"];
  if (broker === undefined) return problems;
  const connection = {
    client: "rabbitmq" as const,
    address: broker.url,
    heartbeatSec: 60,
    lostSec: 10,
    goneSec: 1,
    rabbitmqConsumerTimeoutSec: 1800,
  };
  const handle = await openBroker(() => Promise.resolve(connection), { logger: silentLogger, purpose: "client" });
  try {
    const { control: _control, ...queues } = scanQueues(startup.mq_basename);
    const left: string[] = [];
    for (const name of Object.values(queues)) if (await handle.exists(name)) left.push(`the queue ${name} is left behind`);
    return [...problems, ...left];
  } finally {
    await handle.close();
  }
}
