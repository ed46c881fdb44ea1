import { recoFailureCodes } from "@skyscan/protocol";
import type { FitResult, RecoFailureCode } from "@skyscan/protocol";
import type { RunnerUnit } from "./runner.ts";

/** Version of the protocol between client and reco. */
export const recoProtocolVersion = 1;

/** What a reco may say (reco protocol, section 3). */
export type RecoLine =
  | { readonly type: "ready"; readonly protocol: unknown; readonly name: unknown; readonly version: unknown }
  | { readonly type: "result"; readonly unit: string; readonly result: FitResult }
  | {
      readonly type: "error";
      readonly unit: string;
      readonly code: RecoFailureCode;
      readonly message: string;
      readonly retry: boolean;
    }
  | { readonly type: "progress"; readonly unit: string; readonly fraction: number | null };

/** A line that is no such object. `why` says what is wrong with it. */
export interface BadLine {
  readonly type: "bad";
  readonly why: string;
}

const resultKeys = ["eInGeV", "eTotGeV", "xM", "yM", "zM", "timeNs"] as const;
const isNumberOrNull = (value: unknown): value is number | null =>
  value === null || (typeof value === "number" && Number.isFinite(value));
const shown = (text: string): string => JSON.stringify(text.length > 200 ? `${text.slice(0, 200)}…` : text);
/** Any JSON, also nested without end. */
const shownValue = (value: unknown): string => {
  if (typeof value === "string") return shown(value);
  return typeof value === "object" && value !== null ? "an object or a list" : String(value);
};
const isFailureCode = (value: unknown): value is RecoFailureCode => recoFailureCodes.some((code) => code === value);

/** One line of a reco's stdout, or the object of its outfile. Unknown keys are ignored; the tokens NaN and Infinity are no JSON. */
export function parseRecoLine(line: string): RecoLine | BadLine {
  const bad = (why: string): BadLine => ({ type: "bad", why: `${why}: ${shown(line)}` });
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return bad("not a JSON object");
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) return bad("not a JSON object");
  const given = value as Record<string, unknown>;
  const { type, unit } = given;
  if (type === "ready") return { type, protocol: given["protocol"], name: given["name"], version: given["version"] };
  if (type !== "result" && type !== "error" && type !== "progress") return bad('"type" must be ready, result, error or progress');
  if (typeof unit !== "string") return bad('"unit" must be the unit\'s text');
  switch (type) {
    case "result":
      return parseResult(given, unit, bad);
    case "error": {
      const { code, message, retry = true } = given;
      if (!isFailureCode(code)) return bad(`"code" must be one of ${recoFailureCodes.join(", ")}`);
      if (typeof message !== "string") return bad('"message" must be text');
      if (typeof retry !== "boolean") return bad('"retry" must be true or false');
      return { type, unit, code, message, retry };
    }
    case "progress": {
      const { fraction = null } = given;
      return isNumberOrNull(fraction) ? { type, unit, fraction } : bad('"fraction" must be a number');
    }
  }
}

function parseResult(given: Record<string, unknown>, unit: string, bad: (why: string) => BadLine): RecoLine | BadLine {
  const { llh } = given;
  if (!isNumberOrNull(llh)) return bad('"llh" must be a number or null');
  const rest = { eInGeV: null, eTotGeV: null, xM: null, yM: null, zM: null, timeNs: null } as Record<
    (typeof resultKeys)[number],
    number | null
  >;
  for (const key of resultKeys) {
    const value = given[key] ?? null;
    if (!isNumberOrNull(value)) return bad(`"${key}" must be a number or null`);
    rest[key] = value;
  }
  return { type: "result", unit, result: { llh, ...rest } };
}

export interface StartLine {
  readonly startup: string;
  readonly slot: number;
  readonly scratch: string;
}

/** The first line of stream mode, with its LF. */
export const startLine = ({ startup, slot, scratch }: StartLine): string =>
  `${JSON.stringify({ type: "start", protocol: recoProtocolVersion, startup, slot, scratch })}\n`;

/** The `unit` line, with its LF; what is not finite becomes null. */
export function unitLine({ unit, attempt, payload }: RunnerUnit, timeLimitSec: number): string {
  const { nside, pixel, posvar, direction, seed, fallbackSeed } = payload;
  const line = { type: "unit", unit, nside, pixel, posvar, direction, seed, fallbackSeed, attempt, timeLimitSec };
  return `${JSON.stringify(line)}\n`;
}

/** Why a `ready` is not the one of this manifest, or undefined when it is. */
export function readyProblem(
  ready: Extract<RecoLine, { type: "ready" }>,
  manifest: { readonly name: string; readonly version: string },
): string | undefined {
  const differs = (what: string, said: unknown, wanted: unknown): string | undefined =>
    said === wanted ? undefined : `its ready says ${what} ${shownValue(said)}, not ${JSON.stringify(wanted)}`;
  return (
    differs("protocol", ready.protocol, recoProtocolVersion) ??
    differs("name", ready.name, manifest.name) ??
    differs("version", ready.version, manifest.version)
  );
}
