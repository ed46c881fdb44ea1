import { z } from "zod";
import { maxAvoidedHosts } from "./conventions.ts";
import { fitPayloadSchema } from "./fit.ts";

export const workUnitSchema = z.object({
  unit: z.string().max(64),
  /** 1 for the first try. */
  attempt: z.int().positive(),
  /** Hosts that failed this unit and had better not have it again. */
  avoid: z.array(z.string().max(256)).max(maxAvoidedHosts).optional(),
  /** True when workers were lost over it: it is fitted while nothing else is, so that it takes nobody's fit down with it. */
  alone: z.boolean().optional(),
  payload: fitPayloadSchema,
});

export const workMessageSchema = z.object({
  v: z.int(),
  scan: z.string().max(256),
  run: z.int().positive(),
  /**
   * True once any fit of the scan has succeeded anywhere, and while some host has not answered yet: else a failing slot does not wait long,
   * since nobody is better off. The latest message counts.
   */
  proven: z.boolean(),
  units: z.array(workUnitSchema).min(1).max(10_000),
});

/** One request for one fit. */
export type WorkUnit = z.infer<typeof workUnitSchema>;

/** Queue `to-clients`. Acked when the last of its units' outcomes is confirmed. */
export type WorkMessage = z.infer<typeof workMessageSchema>;
