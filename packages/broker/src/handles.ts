import type { Consumer, Delivery, Publisher, Settled } from "./broker.ts";
import type { BrokerError } from "./errors.ts";

/** Both ways to publish: `refusalOf` says what is not to be taken at all, `take` calls `settled` once, later. */
export function publishingBy(
  refusalOf: (body: Uint8Array) => BrokerError | undefined,
  take: (body: Uint8Array, settled: Settled) => void,
): Pick<Publisher, "publish" | "send"> {
  function send(body: Uint8Array, settled: Settled): void {
    const refusal = refusalOf(body);
    if (refusal === undefined) take(body, settled);
    else queueMicrotask(() => settled(refusal));
  }
  return {
    send,
    publish: (body) => new Promise((resolve, reject) => send(body, (error) => (error === undefined ? resolve() : reject(error)))),
  };
}

/** Both ways to publish, where each message has a promise anyway. */
export const publishingWith = (publish: Publisher["publish"]): Pick<Publisher, "publish" | "send"> => ({
  publish,
  send: (body, settled) => void publish(body).then(() => settled(), settled),
});

/** Both ways to read, where each delivery comes with a promise anyway. */
export const readingWith = (deliveries: AsyncIterable<Delivery>): Pick<Consumer, "forEach" | typeof Symbol.asyncIterator> => ({
  async forEach(handle) {
    for await (const delivery of deliveries) handle(delivery);
  },
  [Symbol.asyncIterator]: () => deliveries[Symbol.asyncIterator](),
});
