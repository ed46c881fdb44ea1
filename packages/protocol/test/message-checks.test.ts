// The generated checks against the schemas that they were generated from.
import { expect, test } from "vitest";
import type { ZodType } from "zod";
import { isReplyMessage, isWorkMessage } from "../src/gen/message-checks.ts";
import { replyMessageSchema } from "../src/reply.ts";
import { workMessageSchema } from "../src/work.ts";
import { reply, work } from "./samples.ts";

type Check = (value: unknown) => boolean;
const cases: readonly (readonly [string, Check, ZodType, object])[] = [
  ["work", isWorkMessage as Check, workMessageSchema, work],
  ["reply", isReplyMessage as Check, replyMessageSchema, reply],
];
const others: readonly unknown[] = [
  ...[
    undefined,
    null,
    true,
    "",
    "x".repeat(65),
    "x".repeat(300),
    "é".repeat(5000),
    "result",
    "crashed",
    [],
    [1],
    {},
    { kind: "result" },
  ],
  ...[0, -0, 1, -1, 0.5, 10_001, 2 ** 53, -(2 ** 53), NaN, Infinity, -Infinity, 1e308],
];

/** The value with whatever stands at each place, maps and lists included, replaced or taken out, one at a time. */
function* changed(value: unknown): Generator {
  yield* others;
  if (typeof value !== "object" || value === null) return;
  for (const key of Object.keys(value)) {
    const { [key as keyof typeof value]: old, ...rest } = value;
    if (!Array.isArray(value)) yield rest;
    for (const fresh of changed(old)) yield Array.isArray(value) ? value.with(Number(key), fresh) : { ...value, [key]: fresh };
  }
}

test.each(cases)(
  "%s: what is taken is what the schema takes, and nothing is in it that the schema would leave out",
  (_, check, schema, sample) => {
    expect(check(sample)).toBe(true);
    let taken = 0;
    let refused = 0;
    for (const value of changed(sample)) {
      const parsed = schema.safeParse(value);
      if (check(value)) {
        taken += 1;
        expect(parsed.data).toEqual(value);
      } else if (parsed.success) expect(parsed.data).not.toEqual(value);
      else refused += 1;
    }
    expect(taken).toBeGreaterThan(100);
    expect(refused).toBeGreaterThan(400);
  },
);

test.each(cases)("%s: a key that no schema has is left to the schema to take out", (_, check, schema, sample) => {
  const longer = { ...sample, colour: "red" };
  expect(check(longer)).toBe(false);
  expect(schema.parse(longer)).toEqual(sample);
});
