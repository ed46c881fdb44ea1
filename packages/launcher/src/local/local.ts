import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { UsageError, hostName, pause, tryProcessLock, writeFileAtomically } from "@skyscan/runtime";
import type { LockHolder } from "@skyscan/runtime";
import type { BatchSystem, FleetClient } from "../batch-system.ts";
import type { FleetRecord } from "../fleet-record.ts";
import { clientScript } from "./client-script.ts";
import { supervise } from "./supervisor.ts";

const scriptName = "client.sh";
const stateName = "clients.json";
const lockName = "supervisor.lock";
const lookMs = 200;

/** Processes of this machine, kept running by the one that started them. */
export const local: BatchSystem = {
  name: "local",
  summary: "processes on this machine, started again until the scan ends; stays in the foreground",
  elsewhere: false,
  runsFrom: "installation",

  problems(request) {
    const never: readonly (readonly [string, unknown])[] = [
      ["--image", request.image],
      ["--requirements", request.requirements],
      ["--priority", request.priority],
      ["--accounting-group", request.accountingGroup],
      ["--time-limit", request.timeLimitSec],
      ["--collector", request.collector],
      ["--schedd", request.schedd],
    ];
    return [
      ...never.filter(([, value]) => value !== undefined).map(([flag]) => `${flag} has no meaning with --on local: leave it out`),
      ...(request.program.kind === "tarball" ? ["--bundle: --on local takes an unpacked bundle, a directory"] : []),
    ];
  },

  write: (request) => ({ main: { name: scriptName, text: clientScript(request), mode: 0o755 }, others: [] }),

  async submit(request, mainFile, { logger, signal, force }) {
    const { directory, jobs } = request;
    const lock = await tryProcessLock(join(directory, lockName), () => false);
    if (lock?.kind !== "taken") throw new UsageError(`${directory} is another fleet's`);
    let writing = Promise.resolve();
    const changed = (clients: readonly FleetClient[]): void => {
      const text = `${JSON.stringify(clients, null, 2)}\n`;
      writing = writing.then(() => writeFileAtomically(join(directory, stateName), text));
      writing.catch((error: unknown) => logger.error({ error }, "The state of the clients cannot be written"));
    };
    return {
      id: { host: hostName(), pid: process.pid },
      said: `${jobs} clients run here, as long as this does; their logs are in ${directory}`,
      attended: async () => {
        try {
          return await supervise({ script: mainFile, directory, clients: jobs, logger, signal, force, changed });
        } finally {
          await writing.catch(() => undefined);
          await lock.release();
        }
      },
    };
  },

  async status(record) {
    const text = await readFile(join(record.directory, stateName), "utf8").catch(() => "[]");
    const clients = JSON.parse(text) as readonly FleetClient[];
    if ((await supervisorOf(record)) !== undefined) return clients;
    return clients.map((client) =>
      client.state === "ended" ? client : { ...client, state: "ended", why: "whoever kept it running was killed" },
    );
  },

  async stop(record) {
    const holder = await supervisorOf(record);
    if (holder === undefined) return "no client was left";
    process.kill(holder.pid, "SIGTERM");
    while ((await supervisorOf(record)) !== undefined) await pause(lookMs);
    return `${record.jobs} clients have left`;
  },
};

/** The process that keeps the clients running, or undefined when there is none any more. @throws UsageError on another host than its own. */
async function supervisorOf(record: FleetRecord): Promise<LockHolder | undefined> {
  const lock = await tryProcessLock(join(record.directory, lockName), () => false);
  if (lock === undefined) return undefined;
  if (lock.kind === "taken") {
    await lock.release();
    return undefined;
  }
  if (!lock.here) throw new UsageError(`the clients of ${record.directory} run on ${lock.holder.host}: ask there`);
  return lock.holder;
}
