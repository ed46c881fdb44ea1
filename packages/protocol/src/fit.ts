import { z } from "zod";

/** A number that may be missing: what is not finite travels as null in JSON and in messages. */
const numberOrNull = z.number().nullable();

export const seedSchema = z.object({
  xM: numberOrNull,
  yM: numberOrNull,
  zM: numberOrNull,
  timeNs: numberOrNull,
  energyGeV: numberOrNull,
});

/** Where a fit starts; detector frame, metres and nanoseconds. */
export type Seed = z.infer<typeof seedSchema>;

export const fitPayloadSchema = z.object({
  nside: z.int().positive(),
  pixel: z.int().nonnegative(),
  posvar: z.int().nonnegative(),
  direction: z.object({ zenithRad: z.number(), azimuthRad: z.number(), raRad: z.number(), decRad: z.number() }),
  seed: seedSchema.nullable(),
  fallbackSeed: seedSchema.nullable(),
});

/**
 * What one fit is asked: RING pixel, its direction (ICRS, and zenith/azimuth where the particle comes *from*) and where to start.
 * These keys stand as they are in the `unit` line that the reco reads.
 */
export type FitPayload = z.infer<typeof fitPayloadSchema>;

export const fitResultSchema = z.object({
  llh: numberOrNull,
  eInGeV: numberOrNull,
  eTotGeV: numberOrNull,
  xM: numberOrNull,
  yM: numberOrNull,
  zM: numberOrNull,
  timeNs: numberOrNull,
});

/** What one fit answered. `llh` null: the fit failed honestly (NaN in the map, never tried again). */
export type FitResult = z.infer<typeof fitResultSchema>;
