import { z } from "zod";
import { isScanId, scanIdRule } from "./queues.ts";

const vertexAndTrack = z.object({
  zenithRad: z.number().nullable().optional(),
  azimuthRad: z.number().nullable().optional(),
  xM: z.number().nullable(),
  yM: z.number().nullable(),
  zM: z.number().nullable(),
  timeNs: z.number().nullable(),
});

export const startupEventSchema = z.object({
  runId: z.int(),
  eventId: z.int(),
  eventType: z.string().nullable(),
  mjd: z.number(),
  isRealEvent: z.boolean(),
  pulseSeries: z.string().nullable(),
  /** `value.version` of the event file (`2021a` …); empty when it has none. */
  realtimeFormatVersion: z.string().optional(),
  /** Modules with pulses; a pulse is [timeNs, charge, widthNs, flags], in time order. */
  doms: z.array(
    z.object({
      string: z.int(),
      om: z.int(),
      xM: z.number(),
      yM: z.number(),
      zM: z.number(),
      pulses: z.array(z.tuple([z.number(), z.number(), z.number(), z.number()])),
    }),
  ),
  recorded: z.record(z.string(), vertexAndTrack),
});

/** The decoded event that native recos read (manifest `needs: ["hits"]`). */
export type StartupEvent = z.infer<typeof startupEventSchema>;

export const startupBrokerSchema = z.object({
  /** A name of the broker package's registry; whoever connects is told when it is none. */
  client: z.string().min(1),
  address: z.string().min(1),
  /** A file that only its owner can read; never the secret itself. */
  tokenFile: z.string().nullable(),
});

export const startupRecoSchema = z.object({
  name: z.string(),
  version: z.string(),
  manifestSha256: z.string(),
  options: z.record(z.string(), z.string()),
});

const scanIdSchema = z.string().refine(isScanId, scanIdRule);

export const startupFileSchema = z.looseObject({
  version: z.literal(1),
  scan_id: scanIdSchema,
  mq_basename: scanIdSchema,
  reco_algo: z.string(),
  reco: startupRecoSchema,
  event: startupEventSchema.nullable(),
  /** A path of the server's machine; clients look for its base name. */
  baseline_GCD_file: z.string().nullable(),
  /** Of that file, as the server has it; clients take no other. */
  baseline_GCD_sha256: z.string().nullable().optional(),
  GCDQp_packet: z.unknown(),
  broker: startupBrokerSchema,
  ended: z.boolean(),
});

/** `client-startup.json`: what a client needs to join a scan. No secrets. A reco sees a private copy without `broker`. */
export type StartupFile = z.infer<typeof startupFileSchema>;
