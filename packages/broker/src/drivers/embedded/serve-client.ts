import { status } from "@grpc/grpc-js";
import type { ServerDuplexStream } from "@grpc/grpc-js";
import { messageOf } from "@skyscan/runtime";
import type { Logger } from "@skyscan/runtime";
import { Open_Kind } from "../../gen/skyscan/broker/v1/broker.ts";
import type { ClientFrame, HostFrame, Open, Publish } from "../../gen/skyscan/broker/v1/broker.ts";
import { tooLarge } from "../../message-limit.ts";
import { createFrameWriter } from "./frame-writer.ts";
import type { Handed, MemoryQueue, Subscription } from "./queue.ts";
import type { QueueHost } from "./queue-host.ts";
import { emptyHostFrame } from "./service.ts";

/** One client's stream, at the host. */
export interface ServedClient {
  /** Says goodbye: what is to be said is written, then the stream ends. */
  end(): Promise<void>;
}

interface Handle {
  /** Queue name of a publisher's handle. */
  readonly publishesTo?: string;
  readonly subscription?: Subscription;
  release(): void;
}

/** Serves one stream until it ends. What the client holds when it is lost goes back to the front of the queues at once. */
export function serveClient(
  call: ServerDuplexStream<ClientFrame, HostFrame>,
  host: QueueHost,
  logger: Logger,
  onEnd: () => void,
): ServedClient {
  const handles = new Map<number, Handle>();
  const out = new Map<number, Handed>();
  const frames = createFrameWriter(emptyHostFrame, (frame) => call.write(frame));
  let nextTag = 1;
  let ended = false;

  function forget(handle: number): void {
    handles.get(handle)?.release();
    handles.delete(handle);
  }

  function missing(handle: number): void {
    forget(handle);
    if (!ended) frames.frame().missing.push(handle);
  }

  function openPublisher({ handle, name }: Open, queue: MemoryQueue): Handle {
    return { publishesTo: name, release: queue.onRemoved(() => missing(handle)) };
  }

  function openConsumer({ handle, prefetch }: Open, queue: MemoryQueue): Handle {
    const held = new Set<number>();
    const subscription = queue.subscribe({
      prefetch: Math.max(1, prefetch),
      deliver(handed) {
        const tag = nextTag;
        nextTag = nextTag === 0xffffffff ? 1 : nextTag + 1;
        const settle = (): void => {
          held.delete(tag);
          out.delete(tag);
        };
        held.add(tag);
        out.set(tag, {
          body: handed.body,
          deliveryCount: handed.deliveryCount,
          ack() {
            settle();
            handed.ack();
          },
          requeue() {
            settle();
            handed.requeue();
          },
        });
        frames
          .frameFor(handed.body.byteLength)
          .deliveries.push({ handle, tag, deliveryCount: handed.deliveryCount, body: handed.body });
      },
      gone: () => missing(handle),
    });
    return {
      subscription,
      release() {
        for (const tag of held) out.delete(tag);
        subscription.close();
      },
    };
  }

  function openListener({ handle, name }: Open): Handle | undefined {
    const leave = host.listen(name, {
      broadcast: (body) => frames.frameFor(body.byteLength).broadcasts.push({ handle, body }),
      gone: () => missing(handle),
    });
    return leave && { release: leave };
  }

  function open(request: Open): void {
    const { handle, kind, name } = request;
    forget(handle);
    const queue = host.queue(name);
    let opened: Handle | undefined;
    if (kind === Open_Kind.KIND_LISTENER) opened = openListener(request);
    else if (queue !== undefined && kind === Open_Kind.KIND_PUBLISHER) opened = openPublisher(request, queue);
    else if (queue !== undefined && kind === Open_Kind.KIND_CONSUMER) opened = openConsumer(request, queue);
    if (opened === undefined) {
      missing(handle);
      return;
    }
    handles.set(handle, opened);
    // Large first deliveries may be in an earlier frame than this: the client takes them as they come.
    frames.frame().opened.push(handle);
  }

  function publish({ handle, seq, body }: Publish): void {
    const name = handles.get(handle)?.publishesTo;
    const queue = name === undefined ? undefined : host.queue(name);
    if (queue === undefined) return;
    const confirm = (): void => {
      if (!ended) frames.frame().confirmed.push(seq);
    };
    if (seq === 0) queue.publish(body);
    else if (queue.spec.durability === "durable") queue.publish(body, confirm);
    else {
      queue.publish(body);
      confirm();
    }
  }

  /** A client of this house refuses to send such a message: what comes here is not one. */
  function tooMuch(frame: ClientFrame): boolean {
    const refusal = frame.publishes.map(({ body }) => tooLarge(body)).find((error) => error !== undefined);
    if (refusal === undefined) return false;
    logger.warn({ reason: refusal.message }, "A client was cut off");
    leave();
    call.emit("error", { code: status.INVALID_ARGUMENT, details: refusal.message });
    return true;
  }

  function receive(frame: ClientFrame): void {
    if (ended || tooMuch(frame)) return;
    for (const request of frame.opens) open(request);
    for (const message of frame.publishes) publish(message);
    for (const tag of frame.acks) out.get(tag)?.ack();
    for (const tag of frame.requeues) out.get(tag)?.requeue();
    for (const handle of frame.stops) handles.get(handle)?.subscription?.stop();
    for (const handle of frame.closes) forget(handle);
    for (const { id, queue: name } of frame.questions) {
      const queue = host.queue(name);
      frames.frame().answers.push({ id, exists: queue !== undefined, depth: queue?.depth ?? 0 });
    }
  }

  function leave(): void {
    if (ended) return;
    ended = true;
    frames.end();
    // What one of its consumers gives back is not for another: it would come back once more, and count.
    for (const { subscription } of handles.values()) subscription?.stop();
    for (const handle of [...handles.keys()]) forget(handle);
    onEnd();
  }

  call.on("data", receive);
  call.on("drain", () => frames.drained());
  call.on("end", () => {
    frames.flush();
    leave();
    call.end();
  });
  call.on("cancelled", leave);
  call.on("error", (error) => {
    logger.debug({ reason: messageOf(error) }, "A client's stream failed");
    leave();
  });

  return {
    async end() {
      await frames.written();
      leave();
      call.end();
    },
  };
}
