import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import type { z } from "zod";
import { encode, decodeControl, decodeReply, decodeWork, decodeWorkers, failureCodes } from "@skyscan/protocol";
import type { WorkMessage } from "@skyscan/protocol";
import { controlMessageSchema } from "../src/control.ts";
import { replyMessageSchema } from "../src/reply.ts";
import { startupFileSchema } from "../src/startup.ts";
import { statusRequestSchema, workerStates, workerStatusSchema } from "../src/worker-status.ts";
import { workMessageSchema } from "../src/work.ts";

// docs/protocol.md is what people write clients in other languages from.

const page = readFileSync(new URL("../../../docs/protocol.md", import.meta.url), "utf8");

/** What a schema is made of, as far as keys and words go. */
interface Inside {
  readonly type: string;
  readonly shape?: Readonly<Record<string, z.ZodType>>;
  readonly element?: z.ZodType;
  readonly innerType?: z.ZodType;
  readonly options?: readonly z.ZodType[];
  readonly values?: readonly unknown[];
}

/** Every key of every map within a schema, and every word that a key must have. */
function words(schema: z.ZodType): readonly string[] {
  const { type, shape, element, innerType, options, values } = schema.def as unknown as Inside;
  if (type === "literal") return (values ?? []).filter((value) => typeof value === "string");
  return [
    ...Object.entries(shape ?? {}).flatMap(([key, value]) => [key, ...words(value)]),
    ...[element, innerType].flatMap((inner) => (inner === undefined ? [] : words(inner))),
    ...(options ?? []).flatMap(words),
  ];
}

const named = (word: string): boolean => new RegExp(`["\`{ ]${word}["\`}:, ]`).test(page);

test.each([
  ["work", workMessageSchema, "fallbackSeed"],
  ["reply", replyMessageSchema, "stderrTail"],
  ["worker status", workerStatusSchema, "elapsedSec"],
  ["status request", statusRequestSchema, "id"],
  ["control", controlMessageSchema, "who-holds"],
])("the page names every key of a %s message", (_, schema, deep) => {
  const all = words(schema);
  expect(all).toContain(deep);
  expect(all.filter((word) => !named(word))).toEqual([]);
});

test("the page names every key of a startup file, every state and every failure code", () => {
  const all = [...Object.keys(startupFileSchema.shape), ...workerStates, ...failureCodes];
  expect(all.filter((word) => !named(word))).toEqual([]);
});

test("every example on the page is a valid message, with nothing in it that would be ignored", () => {
  const decoders = { work: decodeWork, reply: decodeReply, workers: decodeWorkers, control: decodeControl };
  const examples = [...page.matchAll(/```json (\w+)\n(.*?)```/gs)];
  expect(new Set(examples.map((example) => example[1]))).toEqual(new Set(Object.keys(decoders)));
  for (const [, kind, text] of examples) {
    const message = JSON.parse(text!) as WorkMessage;
    expect(decoders[kind as keyof typeof decoders](encode(message)), text).toEqual(message);
  }
});
