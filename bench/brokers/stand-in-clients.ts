import type { Broker } from "@skyscan/broker";
import { scanQueues, workDeliveryLimit, workersMaxLength, workersTimeToLiveSec } from "@skyscan/protocol";

/** As many units as a scan has out with this many slots, at least (SKYSCAN_WINDOW_MIN). */
const windowMin = 300;
/** One slot, fed ahead. */
const prefetch = 2;

/** The server's side of a scan, with clients that hold what a client holds at the broker and fit nothing. */
export interface Stage {
  connect(clients: number, open: () => Promise<Broker>): Promise<void>;
  /** A window of units is out until so many were answered. */
  answer(units: number): Promise<void>;
  leave(): Promise<void>;
  /** So many units wait in the queue. */
  fill(units: number): Promise<void>;
  remove(): Promise<void>;
}

export async function stageClients(
  server: Broker,
  { workBytes, replyBytes }: { readonly workBytes: number; readonly replyBytes: number },
): Promise<Stage> {
  const queues = scanQueues("bench-brokers");
  const { work, replies, dead, workers, control } = queues;
  await server.declare(
    [
      { name: dead, durability: "durable" },
      { name: work, durability: "durable", deliveryLimit: workDeliveryLimit, deadLetterTo: dead },
      { name: replies, durability: "durable" },
      { name: workers, durability: "transient", timeToLiveSec: workersTimeToLiveSec, maxLength: workersMaxLength },
    ],
    control,
  );
  const [unit, reply] = [new Uint8Array(workBytes), new Uint8Array(replyBytes)];
  const publisher = await server.publisher(work);
  const clients: Broker[] = [];
  const running: Promise<void>[] = [];

  async function runClient(broker: Broker): Promise<void> {
    await broker.listener(control);
    await broker.publisher(workers);
    const answers = await broker.publisher(replies);
    const consumer = await broker.consumer(work, { prefetch });
    running.push(
      (async () => {
        for await (const delivery of consumer) void answers.publish(reply).then(() => delivery.ack());
      })(),
    );
  }

  return {
    async connect(count, open) {
      const joining = Array.from({ length: count }, async () => {
        const broker = await open();
        clients.push(broker);
        await runClient(broker);
      });
      await Promise.all(joining);
    },
    async answer(units) {
      const collector = await server.consumer(replies, { prefetch: windowMin });
      const window = Math.min(units, Math.max(windowMin, prefetch * clients.length));
      const send = (): void => void publisher.publish(unit);
      let [sent, answered] = [0, 0];
      for (; sent < window; sent += 1) send();
      for await (const delivery of collector) {
        delivery.ack();
        answered += 1;
        if (answered === units) break;
        if (sent < units) {
          send();
          sent += 1;
        }
      }
      await collector.close();
    },
    async leave() {
      await Promise.all(clients.map((client) => client.close()));
      await Promise.all(running);
    },
    async fill(units) {
      const atOnce = 1000;
      for (let left = units; left > 0; left -= atOnce)
        await Promise.all(Array.from({ length: Math.min(left, atOnce) }, () => publisher.publish(unit)));
    },
    remove: () => server.remove([work, replies, dead, workers], control),
  };
}
