import type { Message } from "amqplib";
import { beforeEach, expect, test } from "vitest";
import { createEndings } from "../src/drivers/rabbitmq/endings.ts";
import type { Endings } from "../src/drivers/rabbitmq/endings.ts";

const message = (deliveryTag: number): Message => ({ fields: { deliveryTag } }) as Message;

let said: string[];
let endings: Endings;

beforeEach(() => {
  said = [];
  endings = createEndings(
    {
      ack: ({ fields }, allUpTo) => void said.push(`ack ${allUpTo === true ? "up to " : ""}${fields.deliveryTag}`),
      nack: ({ fields }) => void said.push(`nack ${fields.deliveryTag}`),
    },
    () => said.push("closing"),
  );
});

const ack = (...tags: readonly number[]): void => {
  for (const tag of tags) endings.ack(message(tag));
  endings.flush();
};

test("acks without a gap are one", () => {
  ack(2, 1, 3);
  ack(4);
  expect(said).toEqual(["ack up to 3", "ack up to 4"]);
});

test("a delivery that is not ended is never acked with others", () => {
  ack(1, 3, 4);
  expect(said).toEqual(["ack 3", "ack 4", "ack up to 1"]);
  ack(2);
  ack(5, 7);
  expect(said.slice(3)).toEqual(["ack up to 2", "ack 7", "ack up to 5"]);
});

test("what was requeued leaves no gap", () => {
  endings.requeue(message(2));
  ack(1, 3);
  expect(said).toEqual(["nack 2", "ack up to 3"]);
});

test("acks leave by themselves at the end of the turn", async () => {
  endings.ack(message(1));
  endings.ack(message(2));
  expect(said).toEqual([]);
  await new Promise((resolve) => void setImmediate(resolve));
  expect(said).toEqual(["ack up to 2"]);
});

test("a connection that is closing under it is reported, not thrown", () => {
  endings = createEndings(
    {
      ack: () => {
        throw new Error("channel closed");
      },
      nack: () => undefined,
    },
    () => said.push("closing"),
  );
  ack(1, 2);
  expect(said).toEqual(["closing"]);
});
