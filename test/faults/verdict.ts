import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { readStartupFile } from "@skyscan/protocol";
import { heartbeatSec, resultNsides } from "./small-scan.ts";
import type { Stage } from "./stage.ts";

/** What ends with its parent may take this long to be gone, milliseconds. */
const goneMs = 3000;
/** A server that is killed while it has pictures made leaves that to end by itself. */
const picturesMs = 60_000;
/** A connection that was never closed goes with its heartbeats; then the broker has to be asked. */
const unheardMs = 4000 * heartbeatSec + goneMs;

/** Everything that is not as it must be after a scan whose processes have all ended by themselves; nothing when all is well. */
export async function judge(stage: Stage): Promise<readonly string[]> {
  return [
    // First: what still runs may still write.
    ...(await strayProcesses(stage)),
    ...(await sameResult(stage)),
    ...(await strayFiles(stage)),
    ...(await strayInBroker(stage)),
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
async function patiently(look: () => Promise<readonly string[]>, limitMs = goneMs): Promise<readonly string[]> {
  const deadline = performance.now() + limitMs;
  for (;;) {
    const problems = await look();
    if (problems.length === 0 || performance.now() > deadline) return problems;
    await pause(100);
  }
}

const strayProcesses = ({ plan, family, directory }: Stage): Promise<readonly string[]> =>
  patiently(
    async () => {
      const alive = await family.alive(`TMPDIR=${join(directory, "tmp")}`);
      return alive.map((process) => `process ${process} is left behind`);
    },
    plan.extras ? picturesMs : goneMs,
  );

async function strayInBroker({ broker, directory }: Stage): Promise<readonly string[]> {
  const startup = await readStartupFile(join(directory, "client-startup.json"));
  if (startup === undefined) return ["there is no startup file"];
  const problems = startup.ended ? [] : ["the startup file does not say that the scan has ended"];
  if (broker === undefined) return problems;
  const left = await patiently(async () => {
    const { names, connections } = await broker.inventory();
    const ofScan = names.filter((name) => name.includes(startup.mq_basename));
    return [...ofScan, ...connections.map((name) => `connection ${name}`)].map((name) => `${name} is left behind at the broker`);
  }, unheardMs);
  return [...problems, ...left];
}
