import { nearestName } from "@skyscan/runtime";
import { z } from "zod";
import { placeholderProblems } from "./placeholders.ts";

/** Longest time limit, seconds: what a timer can hold. */
const maxLimitSec = 2_000_000;

/** An object that takes these keys and no others; a typo is named with the nearest key. */
const section = <Shape extends z.ZodRawShape>(shape: Shape) =>
  z.strictObject(shape, {
    error: (issue) => {
      if (issue.code !== "unrecognized_keys") return undefined;
      const allowed = Object.keys(shape);
      const unknown = issue.keys.map((key) => {
        const near = nearestName(key, allowed);
        return near === undefined ? `"${key}"` : `"${key}" (did you mean "${near}"?)`;
      });
      return `unknown key ${unknown.join(", ")}; allowed: ${allowed.join(", ")}, and keys that begin with x-`;
    },
  });

const text = z.string().min(1);
const environmentName = z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, "must be the name of an environment variable");
const passedName = environmentName.refine(
  (name) => !name.startsWith("SKYSCAN_BROKER_"),
  "a reco never gets the broker's address or token: SKYSCAN_BROKER_* is not allowed",
);
const limitSec = z.number().positive().max(maxLimitSec);
const metres = z.number().positive();

const runShape = {
  mode: z.enum(["stream", "oneshot"]),
  command: z.array(z.string()).min(1),
  env: z.record(environmentName, z.string()).default({}),
  passEnv: z.array(passedName).default([]),
  format: z.enum(["json", "icetray"]).default("json"),
  inFlight: z.int().min(1).max(1024).default(1),
  threads: z.int().min(1).max(1024).default(1),
  image: section({ docker: text.optional(), singularity: text.optional() }).nullable().default(null),
  binds: z.array(text).default([]),
  shmSize: z
    .string()
    .regex(/^[1-9][0-9]*([kmg]b?|b)?$/i, 'must be a size such as "6gb"')
    .nullable()
    .default(null),
  network: z.boolean().default(false),
};

const runSchema = section(runShape).superRefine((run, context) => {
  const problem = (key: string, message: string): void => context.addIssue({ code: "custom", path: [key], message });
  if (run.mode === "stream" && run.format === "icetray") problem("format", 'icetray is for mode "oneshot" only');
  if (run.mode === "oneshot" && run.inFlight > 1) problem("inFlight", 'more than 1 is for mode "stream" only');
  for (const [key, message] of placeholderProblems(run)) problem(key, message);
});

const prepareSchema = section({
  ...runShape,
  mode: z.literal("oneshot").default("oneshot"),
  format: z.literal("json").default("json"),
  inFlight: z.literal(1).default(1),
  timeoutSec: limitSec.default(600),
}).superRefine((prepare, context) => {
  for (const [key, message] of placeholderProblems({ ...prepare, withoutStartup: true })) {
    context.addIssue({ code: "custom", path: [key], message });
  }
});

const vertexVariationsSchema = z.discriminatedUnion(
  "kind",
  [
    section({ kind: z.literal("point") }),
    section({ kind: z.literal("octahedron"), radiusM: metres }),
    section({ kind: z.literal("cylinder"), radiusM: metres, heightM: metres, n: z.int().min(1).max(1000) }),
    section({ kind: z.literal("list"), offsetsM: z.array(z.tuple([z.number(), z.number(), z.number()])).min(1) }),
  ],
  { error: () => '"kind" must be one of point, octahedron, cylinder, list' },
);

const seedingSchema = section({
  vertexVariations: vertexVariationsSchema.default({ kind: "point" }),
  rotateVertex: z.boolean().default(false),
  refineTime: z.boolean().default(false),
  addFallbackPosition: z.boolean().default(false),
  pointing: section({ particle: text, radiusDeg: z.number().positive().max(180) })
    .nullable()
    .default(null),
});

const optionSchema = section({ values: z.array(text).min(1), default: text, flag: text }).refine(
  (option) => option.values.includes(option.default),
  { path: ["default"], message: 'must be one of "values"' },
);

const levelName = z.string().refine((level) => Number(level) > 0 && Number(level) < 100, "must be a percentage such as 90");

export const manifestSchema = section({
  protocol: z.literal(1, "must be 1, the version of the reco protocol that this program speaks"),
  name: z.string().regex(/^[a-z][a-z0-9_]*$/, "must be lower case letters, digits and underscores, a letter first"),
  aliases: z.array(z.string().regex(/^[A-Za-z][A-Za-z0-9_.-]*$/, "must be letters, digits, _ . -, a letter first")).default([]),
  version: text,
  description: text,
  run: runSchema,
  needs: z.array(z.enum(["hits", "gcdqp"])).default([]),
  prepare: prepareSchema.nullable().default(null),
  seeding: seedingSchema.prefault({}),
  options: z
    .record(z.string().regex(/^[A-Za-z][A-Za-z0-9_.-]*$/, "must be letters, digits, _ . -, a letter first"), optionSchema)
    .default({}),
  calibratedLevels: z.record(levelName, z.number().positive()).nullable().default(null),
  startTimeoutSec: limitSec.default(120),
  timeoutSec: limitSec.default(1800),
});

/** A validated `reco.json` with its defaults filled in (reco protocol, section 2). */
export type Manifest = z.infer<typeof manifestSchema>;
/** How a reco, or its `prepare` step, is run. */
export type RunBlock = Manifest["run"];
/** How the server seeds this reco's fits. */
export type Seeding = Manifest["seeding"];
/** Which starting vertices are tried in each pixel. */
export type VertexVariations = Seeding["vertexVariations"];

/** The value without the keys that begin with `x-`, which are the author's own, at any depth. */
function withoutAuthorKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutAuthorKeys);
  if (typeof value !== "object" || value === null) return value;
  const kept = Object.entries(value).filter(([key]) => !key.startsWith("x-"));
  return Object.fromEntries(kept.map(([key, inner]) => [key, withoutAuthorKeys(inner)]));
}

export type ManifestReading =
  | { readonly manifest: Manifest; readonly problems?: undefined }
  | { readonly manifest?: undefined; readonly problems: readonly string[] };

/** A manifest from parsed JSON, or every problem in it: `key "run.mode": …what is allowed…`. */
export function parseManifest(value: unknown): ManifestReading {
  const parsed = manifestSchema.safeParse(withoutAuthorKeys(value));
  if (parsed.success) return { manifest: parsed.data };
  return {
    problems: parsed.error.issues.map((issue) =>
      issue.path.length === 0 ? issue.message : `key "${issue.path.map(String).join(".")}": ${issue.message}`,
    ),
  };
}
