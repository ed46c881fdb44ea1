import { failureCodes } from "@skyscan/protocol";
import { z } from "zod";
import { maxNside } from "../sky/nsides.ts";

// What a checksum does not say: that a record is one of this version, and asks for no more than there can be. All but results, which have a
// layout of their own.

/** Pixels that one record may announce without listing them: a whole sky of nside 1024. */
const maxAnnounced = 12 * 1024 ** 2;

const nside = z
  .int()
  .min(1)
  .max(maxNside)
  .refine((value) => Number.isInteger(Math.log2(value)), "must be a power of two");
const unit = { nside, pixel: z.int().nonnegative(), posvar: z.int().min(0).max(0xffff) };
const bytesOf = (size: number) =>
  z.instanceof(Uint8Array).refine(({ length }) => length % size === 0, `must have whole items of ${size} bytes`);
const code = z.enum(failureCodes);

const planSchema = z.object({
  type: z.literal("plan"),
  nside,
  more: z.int().min(0).max(maxAnnounced).optional(),
  run: z.tuple([z.int().nonnegative(), z.int().min(0).max(maxAnnounced)]).optional(),
  pixels: bytesOf(8).optional(),
  sourceNsides: bytesOf(4).optional(),
  sourcePixels: bytesOf(8).optional(),
});

const recordSchema = z.discriminatedUnion("type", [
  z.object({
    type: z.literal("header"),
    journalVersion: z.literal(1),
    scanId: z.string(),
    digest: z.string(),
    settings: z.record(z.string(), z.unknown()),
  }),
  z.object({ type: z.literal("run"), run: z.int().nonnegative(), host: z.string(), pid: z.int() }),
  planSchema,
  z.object({
    type: z.literal("failure"),
    ...unit,
    attempt: z.int().positive(),
    host: z.string(),
    worker: z.string(),
    code,
    message: z.string(),
    retry: z.boolean(),
    stderrTail: z.string(),
  }),
  z.object({ type: z.literal("gave-up"), ...unit, code, message: z.string() }),
  z.object({ type: z.literal("worker"), index: z.int().nonnegative(), worker: z.string(), host: z.string() }),
  z.object({ type: z.literal("sent-away"), host: z.string(), worker: z.string(), why: z.string() }),
  z.object({ type: z.literal("dead"), ...unit }),
  z.object({ type: z.literal("lost"), ...unit, worker: z.string() }),
  z.object({ type: z.literal("end"), status: z.int() }),
]);

/** Why a decoded map is no record, or undefined when it is one. */
export function recordProblem(plain: unknown): string | undefined {
  const issue = recordSchema.safeParse(plain).error?.issues[0];
  return issue && `${issue.path.join(".")} ${issue.message}`.trim();
}
