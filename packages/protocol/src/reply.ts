import { z } from "zod";
import { maxReasonChars, maxStderrTailChars } from "./conventions.ts";
import { failureCodes } from "./failure-codes.ts";
import { fitResultSchema } from "./fit.ts";

const about = {
  unit: z.string().max(64),
  attempt: z.int().positive(),
  /** How long it took at the worker, seconds. */
  runtimeSec: z.number().nonnegative(),
};

export const outcomeSchema = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("result"), ...about, result: fitResultSchema }),
  z.object({
    kind: z.literal("failure"),
    ...about,
    code: z.enum(failureCodes),
    message: z.string().max(maxReasonChars),
    /** False: another try cannot help. */
    retry: z.boolean(),
    /** The end of the reco's stderr. */
    stderrTail: z.string().max(maxStderrTailChars),
  }),
  z.object({ kind: z.literal("declined"), ...about }),
  z.object({ kind: z.literal("holding"), ...about }),
]);

export const replyMessageSchema = z.object({
  v: z.int(),
  scan: z.string().max(256),
  run: z.int().positive(),
  worker: z.string().max(256),
  host: z.string().max(256),
  outcomes: z.array(outcomeSchema).min(1).max(10_000),
});

/**
 * What became of a unit at a worker:
 * - `result` fitted (llh null: honest failure of the fit)
 * - `failure` did not work out here; only the server tries again
 * - `declined` not begun, since the unit avoids this host
 * - `holding` still being fitted, and the delivery is acked: the server now owns the unit
 */
export type Outcome = z.infer<typeof outcomeSchema>;

/** Queue `from-clients`. Acked when it is in the journal. */
export type ReplyMessage = z.infer<typeof replyMessageSchema>;
