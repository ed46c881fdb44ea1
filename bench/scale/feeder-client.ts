// Answers every work message at once, as cheaply as can be, so that the server has all the processor it can use: … STARTUP
import { readFile } from "node:fs/promises";
import { openBroker } from "@skyscan/broker";
import { decodeWork, encode, packageVersion, protocolVersion, readStartupFile, scanQueues } from "@skyscan/protocol";
import type { Outcome } from "@skyscan/protocol";
import { silentLogger } from "@skyscan/runtime";

const startup = (await readStartupFile(process.argv[2]!))!;
const auth = (await readFile(startup.broker.tokenFile!, "utf8")).trim();
const { client, address } = startup.broker;
const settings = { client, address, auth, lostSec: 600, goneSec: 60 };
const broker = await openBroker(() => Promise.resolve(settings), { logger: silentLogger, purpose: "client" });
const queues = scanQueues(startup.mq_basename);
const [replies, workers] = [await broker.publisher(queues.replies), await broker.publisher(queues.workers)];
const scan = startup.scan_id;
const [worker, host] = ["feeder-1", "feeder"];

const { name, version, manifestSha256 } = startup.reco;
const versions = { protocol: protocolVersion, package: packageVersion, reco: { name, version, manifestSha256 } };
const beat = (): void => {
  const counts = { slots: 1, lookahead: 1000, done: 0, failed: 0, holding: [] };
  const status = {
    v: protocolVersion,
    type: "worker-status",
    scan,
    worker,
    host,
    ...counts,
    versions,
    state: "working",
  } as const;
  workers.publishUnconfirmed(encode(status));
};
beat();
setInterval(beat, 10_000);

for await (const delivery of await broker.consumer(queues.work, { prefetch: 64 })) {
  const { run, units } = decodeWork(delivery.body);
  const outcomes = units.map(({ unit, attempt, payload }): Outcome => {
    const { pixel } = payload;
    // A smooth sky with one lowest point.
    const result = { llh: 1000 + (pixel % 1000), eInGeV: null, eTotGeV: 1e5, xM: pixel, yM: 1, zM: 2, timeNs: 3 };
    return { kind: "result", unit, attempt, runtimeSec: 1e-4, result };
  });
  void replies.publish(encode({ v: protocolVersion, scan, run, worker, host, outcomes })).then(() => delivery.ack());
}
