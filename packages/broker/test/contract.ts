import { describe } from "vitest";
import { connectionsKept } from "./contract-connections.ts";
import { deliveriesKept } from "./contract-deliveries.ts";
import { queuesKept } from "./contract-queues.ts";
import { restartsKept } from "./contract-restart.ts";
import { setContractStage } from "./contract-stage.ts";
import type { Harness, Lack } from "./contract-stage.ts";

/** The guarantees of the seam, over one driver. */
export function brokerContract(name: string, harness: () => Harness, lacks: readonly Lack[] = []): void {
  describe(`${name} keeps the broker contract`, () => {
    const stage = setContractStage(harness, lacks);
    deliveriesKept(stage);
    queuesKept(stage);
    connectionsKept(stage);
    restartsKept(stage);
  });
}
