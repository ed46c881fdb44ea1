import { z } from "zod";

const common = { v: z.int(), scan: z.string().max(256), run: z.int().positive() };

export const controlMessageSchema = z.discriminatedUnion("type", [
  z.object({ ...common, type: z.literal("end") }),
  z.object({
    ...common,
    type: z.literal("cancel"),
    units: z.array(z.string().max(64)).max(20_000),
    worker: z.string().max(256).optional(),
  }),
  z.object({ ...common, type: z.literal("leave"), worker: z.string().max(256), why: z.string().max(4096) }),
  z.object({ ...common, type: z.literal("who-holds") }),
  z.object({ ...common, type: z.literal("status"), id: z.string().max(64), manifest: z.unknown() }),
]);

/**
 * Broadcast by the server to every connected client:
 * - `end` the scan is over, leave at once with status 0
 * - `cancel` these units are final: end their fits, it is no failure; with `worker`, only that one ends them, and they are not final
 * - `leave` the named worker hands back what it has not begun and leaves
 * - `who-holds` answer with a WorkerStatus at once
 * - `status` the answer to a `status-request`
 */
export type ControlMessage = z.infer<typeof controlMessageSchema>;
