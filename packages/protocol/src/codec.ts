import { maxMessageBytes } from "@skyscan/runtime";
import { Packr } from "msgpackr";
import { z } from "zod";
import type { ZodType } from "zod";
import { ProtocolError } from "./errors.ts";
import { controlMessageSchema } from "./control.ts";
import type { ControlMessage } from "./control.ts";
import { isReplyMessage, isWorkMessage } from "./gen/message-checks.ts";
import { checkShape } from "./message-shape.ts";
import { replyMessageSchema } from "./reply.ts";
import type { ReplyMessage } from "./reply.ts";
import { protocolVersion } from "./version.ts";
import { workMessageSchema } from "./work.ts";
import type { WorkMessage } from "./work.ts";
import { statusRequestSchema, workerStatusSchema } from "./worker-status.ts";
import type { StatusRequest, WorkerStatus } from "./worker-status.ts";

/** Plain msgpack maps, readable by any msgpack library; no records, no extensions that could name code. */
const packr = new Packr({ useRecords: false, mapsAsObjects: true, moreTypes: false, encodeUndefinedAsNil: true });

/** Bytes of a message. */
export const encode = (message: WorkMessage | ReplyMessage | WorkerStatus | StatusRequest | ControlMessage): Uint8Array => {
  const packed = packr.pack(message);
  // msgpackr reuses its buffer: what is handed to a driver must stay as it is.
  return Buffer.from(packed);
};

/** `isValid` knows a message that is exactly as the schema wants it, without making a copy; what else is to be said is the schema's. */
function decode<T>(bytes: Uint8Array, schema: ZodType<T>, what: string, isValid?: (value: unknown) => boolean): T {
  if (bytes.byteLength > maxMessageBytes) {
    throw new ProtocolError("too-large", `a ${what} of ${bytes.byteLength} bytes is beyond the limit of ${maxMessageBytes}`);
  }
  checkShape(bytes, what);
  let value: unknown;
  try {
    value = packr.unpack(bytes);
  } catch (error) {
    throw new ProtocolError("garbled", `a ${what} cannot be decoded`, { cause: error });
  }
  if (typeof value === "object" && value !== null && "v" in value && typeof value.v === "number" && value.v !== protocolVersion) {
    throw new ProtocolError("foreign-version", `a ${what} of protocol version ${value.v}; this side speaks ${protocolVersion}`);
  }
  if (isValid?.(value) === true) return value as T;
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new ProtocolError("invalid", `a ${what} is not valid: ${issue?.path.join(".") ?? ""} ${issue?.message ?? ""}`.trim());
}

/** Who sent a message of another protocol version, as far as it can be seen. */
export function foreignSender(
  bytes: Uint8Array,
): { readonly v: number; readonly worker?: string; readonly package?: string } | undefined {
  try {
    const parsed = foreignSchema.safeParse(packr.unpack(bytes));
    if (!parsed.success) return undefined;
    const { v, worker, versions } = parsed.data;
    return { v, ...(worker !== undefined && { worker }), ...(versions?.package !== undefined && { package: versions.package }) };
  } catch {
    return undefined;
  }
}

const foreignSchema = z.object({
  v: z.number(),
  worker: z.string().max(256).optional(),
  versions: z.object({ package: z.string().max(64).optional() }).optional(),
});

/** @throws ProtocolError */
export const decodeWork = (bytes: Uint8Array): WorkMessage => decode(bytes, workMessageSchema, "work message", isWorkMessage);
/** @throws ProtocolError */
export const decodeReply = (bytes: Uint8Array): ReplyMessage =>
  decode(bytes, replyMessageSchema, "reply message", isReplyMessage);
/** @throws ProtocolError */
export const decodeControl = (bytes: Uint8Array): ControlMessage => decode(bytes, controlMessageSchema, "control message");
/** What travels on the `workers` queue. @throws ProtocolError */
export const decodeWorkers = (bytes: Uint8Array): WorkerStatus | StatusRequest =>
  decode(bytes, workerStatusSchema.or(statusRequestSchema), "worker status");
