import type { Msg } from "@nats-io/transport-node";

/** What the server says of a message that it hands out, in the subject where the answer goes. */
export interface Delivered {
  /** Counts from 1. */
  readonly times: number;
  /** Of this message alone, whatever streams of the same name there were. */
  readonly id: string;
}

/** `$JS.ACK.stream.consumer.times.sequence.…` of nine parts, or with domain and account in front of the stream. */
export function deliveredOf({ reply = "" }: Msg): Delivered {
  const parts = reply.split(".");
  const [stream, , times, sequence, , timestamp] = parts.slice(parts.length > 9 ? 4 : 2);
  return { times: Number(times), id: `${stream}.${sequence}.${timestamp}` };
}

/** The server's own word on a request for messages, or undefined for a message. */
export function statusOf({
  headers,
  reply,
}: Msg): { readonly code: number; readonly text: string; readonly left: number | undefined } | undefined {
  if (headers === undefined || headers.code === 0 || reply?.startsWith("$JS.ACK.") === true) return undefined;
  const left = headers.get("Nats-Pending-Messages");
  return { code: headers.code, text: headers.description, left: left === "" ? undefined : Number(left) };
}
