import { openBroker } from "@skyscan/broker";
import { scanQueues } from "@skyscan/protocol";
import { findScans } from "@skyscan/server";
import { UsageError, codeOf, messageOf } from "@skyscan/runtime";
import { serverBroker } from "../broker-settings.ts";
import type { Command } from "../process.ts";

/**
 * Lists, and with `--remove` removes, the queues that scans of a cache directory left on the broker. Scans whose server runs are left alone:
 * their lock is taken. (A broker does not tell a plain user what queues there are, so the scans' ids come from the cache or from the flag.)
 */
export const scanClean: Command<{
  readonly cacheDir: string;
  readonly scanId: readonly string[];
  readonly remove: boolean;
}> = async (args, context) => {
  const settings = serverBroker();
  if (settings === undefined)
    throw new UsageError("no broker is configured (SKYSCAN_BROKER_ADDRESS): the embedded broker's queues end with its server");
  const scanIds = [...new Set([...(await findScans(args.cacheDir)).map((scan) => scan.scanId), ...args.scanId])];
  const broker = await openBroker(() => Promise.resolve(serverBroker() ?? settings), {
    logger: context.logger,
    purpose: "server",
  }).catch((error: unknown) => {
    throw new UsageError(messageOf(error));
  });
  let left = 0;
  try {
    for (const scanId of scanIds) {
      const queues = scanQueues(scanId);
      const names = [queues.work, queues.replies, queues.dead, queues.workers];
      const found: string[] = [];
      for (const name of names) if (await broker.exists(name)) found.push(name);
      if (found.length === 0) continue;
      const lock = await broker.lock(queues.lock).catch((error: unknown) => {
        if (codeOf(error) === "locked") return undefined;
        throw error;
      });
      if (lock === undefined) {
        context.print(`${scanId}: its server runs; left alone`);
        continue;
      }
      left += found.length;
      if (args.remove) await broker.remove(names, queues.control);
      await lock.release();
      context.print(`${scanId}: ${args.remove ? "removed" : "left behind"} ${found.join(", ")}`);
    }
  } finally {
    await broker.close();
  }
  if (left === 0) context.print(`nothing is left behind by the ${scanIds.length} scans that were looked at`);
  else if (!args.remove)
    context.print("scan-clean --remove removes them (what they hold can then no longer be resumed from the broker)");
  return 0;
};
