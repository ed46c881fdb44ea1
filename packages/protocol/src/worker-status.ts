import { z } from "zod";
import { maxHoldingUnits, maxReasonChars } from "./conventions.ts";

export const workerStates = ["hello", "working", "draining", "goodbye"] as const;

export const workerStatusSchema = z.object({
  v: z.int(),
  type: z.literal("worker-status"),
  scan: z.string().max(256),
  worker: z.string().max(256),
  host: z.string().max(256),
  /** How many fits it can run at once, and how many units it takes ahead. */
  slots: z.int().nonnegative(),
  lookahead: z.int().nonnegative(),
  /** Since its start. */
  done: z.int().nonnegative(),
  failed: z.int().nonnegative(),
  /** Units it has, begun or not; `elapsedSec` 0 = not begun. */
  holding: z.array(z.object({ unit: z.string().max(64), elapsedSec: z.number().nonnegative() })).max(maxHoldingUnits),
  versions: z.object({
    protocol: z.int(),
    package: z.string().max(64),
    reco: z.object({ name: z.string().max(128), version: z.string().max(64), manifestSha256: z.string().max(64) }),
  }),
  /** hello: just come; working; draining: takes nothing new; goodbye: leaves, `why` says so. */
  state: z.enum(workerStates),
  why: z.string().max(maxReasonChars).optional(),
  /** The failure code behind a goodbye, where one is. */
  whyCode: z.string().max(64).optional(),
});

/** Queue `workers`: every 10 s, at hello and goodbye, and on `who-holds`. Unconfirmed: may be lost. Only durations, never times of day. */
export type WorkerStatus = z.infer<typeof workerStatusSchema>;

export const statusRequestSchema = z.object({
  v: z.int(),
  type: z.literal("status-request"),
  scan: z.string().max(256),
  id: z.string().max(64),
});

/** Queue `workers`: asks the server for its manifest; answered on the control channel. */
export type StatusRequest = z.infer<typeof statusRequestSchema>;
