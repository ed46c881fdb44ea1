import type { Publisher } from "@skyscan/broker";
import { silentLogger } from "@skyscan/runtime";
import { expect } from "vitest";
import { createDispatch } from "../src/units/dispatch.ts";
import type { Dispatch, DispatchOptions } from "../src/units/dispatch.ts";
import type { ScanState } from "../src/state/scan-state.ts";
import { makePayload } from "../src/sky/seeds.ts";
import { plainRules } from "./seed-rules.ts";

/** A dispatch with one unit per message, a window of 100, the clock at 0, plain seeds and no fatal error, where `more` says nothing else. */
export function dispatchOver(state: ScanState, publisher: Publisher, more: Partial<DispatchOptions> = {}): Dispatch {
  return createDispatch({
    state,
    publisher,
    scanId: "s",
    run: 1,
    payloadOf: (key) => makePayload(plainRules(), state.tables, key),
    window: () => 100,
    batchSize: () => 1,
    nowMs: () => 0,
    logger: silentLogger,
    onFatal: (error) => expect.unreachable(String(error)),
    signal: new AbortController().signal,
    ...more,
  });
}
