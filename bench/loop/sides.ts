import { join } from "node:path";
import { scanQueues } from "@skyscan/protocol";
import { freePort } from "@skyscan/testing";
import { connect } from "amqplib";
import { runBare } from "./bare.ts";
import type { LoopCase } from "./cases.ts";
import { runEngine } from "./engine.ts";
import { compileNoop, writeNoopManifest } from "../noop-reco.ts";
import { messageBytes } from "./sample-messages.ts";

export interface SidesOptions {
  /** Of this benchmark alone; the caller removes it. */
  readonly directory: string;
  readonly eventFile: string;
  /** Of a RabbitMQ; undefined when no case needs it. */
  readonly url: string | undefined;
}

/** The two things that are compared. Each call is one measurement, with processes, queues and files of its own. */
export interface Sides {
  /** Messages per second. */
  bare(library: "amqp" | "grpc", window: number, units: number): Promise<number>;
  /** Units per second. */
  engine(one: LoopCase, units: number): Promise<number>;
}

/** Nothing of the surrounding shell decides what is measured. */
const noBroker = { SKYSCAN_BROKER_ADDRESS: undefined, SKYSCAN_BROKER_AUTH: undefined, SKYSCAN_BROKER_CLIENT: undefined };
const warmUpShare = 0.2;

export async function createSides({ directory, eventFile, url }: SidesOptions): Promise<Sides> {
  const executable = await compileNoop(directory);
  let count = 0;
  return {
    async bare(library, window, units) {
      count += 1;
      const common = { window, units, warmUpUnits: Math.ceil(warmUpShare * units), ...messageBytes() };
      if (library === "amqp") {
        const queues = { work: `bare-work-${count}`, replies: `bare-replies-${count}` };
        return runBare("amqp", { ...common, url: url!, queues });
      }
      return runBare("grpc", { ...common, path: join(directory, `bare-${count}`), port: await freePort() });
    },
    async engine(one, wanted) {
      count += 1;
      const { nside, variations } = shapeOf(wanted);
      const recoPath = await writeNoopManifest(directory, executable, { variations, inFlight: one.inFlight });
      const units = 12 * nside ** 2 * variations;
      const broker = one.driver === "rabbitmq" ? { SKYSCAN_BROKER_ADDRESS: url } : {};
      const { perSec, scanId } = await runEngine({
        directory: join(directory, `engine-${count}`),
        eventFile,
        recoPath,
        nside,
        units,
        warmUpUnits: Math.ceil(warmUpShare * units),
        client: one.client,
        env: { ...noBroker, ...broker, ...one.env },
      });
      if (one.driver === "rabbitmq") await removeQueues(url!, scanId);
      return perSec;
    },
  };
}

/** A whole sky with as many variations per pixel as come to about so many units. */
function shapeOf(units: number): { readonly nside: number; readonly variations: number } {
  let nside = 1;
  while (nside < 64 && 12 * (2 * nside) ** 2 <= units) nside *= 2;
  return { nside, variations: Math.max(1, Math.round(units / (12 * nside ** 2))) };
}

/** A scan that was killed leaves its queues to its next start. */
async function removeQueues(url: string, scanId: string): Promise<void> {
  const queues = scanQueues(scanId);
  const connection = await connect(url);
  const channel = await connection.createChannel();
  for (const queue of [queues.work, queues.replies, queues.dead, queues.workers]) await channel.deleteQueue(queue);
  await channel.deleteExchange(queues.control);
  await connection.close();
}
