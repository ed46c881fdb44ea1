import type { QueueSpec } from "../../broker.ts";
import { BrokerError } from "../../errors.ts";
import { createMemoryQueue } from "./queue.ts";
import type { MemoryQueue } from "./queue.ts";

/** Who listens on a control channel. */
export interface ControlListener {
  broadcast(body: Uint8Array): void;
  /** The channel was removed. */
  gone(): void;
}

/** All queues, control channels and locks of one host process. No network. */
export interface QueueHost {
  declare(specs: readonly QueueSpec[], control: string): void;
  remove(queues: readonly string[], control: string): void;
  queue(name: string): MemoryQueue | undefined;
  /** Undefined when there is no such control channel; else what ends the listening. */
  listen(control: string, listener: ControlListener): (() => void) | undefined;
  /** False when there is no such control channel. */
  broadcast(control: string, body: Uint8Array): boolean;
  /** Undefined when somebody holds it; else what releases it. */
  lock(name: string): (() => void) | undefined;
}

const sameSpec = (a: QueueSpec, b: QueueSpec): boolean =>
  a.durability === b.durability &&
  a.deliveryLimit === b.deliveryLimit &&
  a.deadLetterTo === b.deadLetterTo &&
  a.timeToLiveSec === b.timeToLiveSec &&
  a.maxLength === b.maxLength;

export function createQueueHost(nowMs: () => number = () => performance.now()): QueueHost {
  const queues = new Map<string, MemoryQueue>();
  const controls = new Map<string, Set<ControlListener>>();
  const locks = new Set<string>();

  return {
    declare(specs, control) {
      for (const spec of specs) {
        const there = queues.get(spec.name);
        if (there !== undefined && !sameSpec(there.spec, spec)) {
          throw new BrokerError("mismatch", `The queue ${spec.name} exists with other arguments; remove it first.`);
        }
        if (there !== undefined) continue;
        const target = spec.deadLetterTo;
        const deadLetter = (body: Uint8Array, settled: (() => void) | undefined): void => {
          const dead = target === undefined ? undefined : queues.get(target);
          if (dead === undefined) settled?.();
          else dead.publish(body, settled);
        };
        queues.set(spec.name, createMemoryQueue({ spec, deadLetter, nowMs }));
      }
      if (!controls.has(control)) controls.set(control, new Set());
    },
    remove(names, control) {
      for (const name of names) {
        const queue = queues.get(name);
        queues.delete(name);
        queue?.remove();
      }
      const listeners = controls.get(control);
      controls.delete(control);
      for (const listener of [...(listeners ?? [])]) listener.gone();
    },
    queue: (name) => queues.get(name),
    listen(control, listener) {
      const listeners = controls.get(control);
      if (listeners === undefined) return undefined;
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    broadcast(control, body) {
      const listeners = controls.get(control);
      for (const listener of [...(listeners ?? [])]) listener.broadcast(body);
      return listeners !== undefined;
    },
    lock(name) {
      if (locks.has(name)) return undefined;
      locks.add(name);
      let held = true;
      return () => {
        if (held) locks.delete(name);
        held = false;
      };
    },
  };
}
