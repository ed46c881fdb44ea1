/** What stands for `{{…}}` in a manifest's `command` and `env`. Absolute paths. */
export interface PlaceholderValues {
  readonly startup?: string;
  /** oneshot only */
  readonly infile?: string;
  /** oneshot only */
  readonly outfile?: string;
  readonly recoDir: string;
  readonly scratch: string;
  readonly dataHub: string;
  /** A JSON file with the value of the startup file's `GCDQp_packet` alone. */
  readonly gcdqpPacket?: string;
  /** The baseline GCD file, staged on this machine. */
  readonly baselineGcd?: string;
}

const pattern = /\{\{([^{}]*)\}\}/g;

const names = {
  STARTUP: "startup",
  INFILE: "infile",
  OUTFILE: "outfile",
  RECO_DIR: "recoDir",
  SCRATCH: "scratch",
  DATA_HUB: "dataHub",
  GCDQP_PACKET: "gcdqpPacket",
  BASELINE_GCD: "baselineGcd",
} as const satisfies Record<string, keyof PlaceholderValues>;

const keyOf = (name: string): keyof PlaceholderValues | undefined =>
  Object.hasOwn(names, name) ? names[name as keyof typeof names] : undefined;

/** The text with its placeholders filled in; `{{ENV:NAME}}` is empty when the variable is unset. */
export function fillPlaceholders(
  text: string,
  values: PlaceholderValues,
  environment: Readonly<Record<string, string | undefined>>,
): string {
  return text.replaceAll(pattern, (whole, name: string) => {
    if (name.startsWith("ENV:")) return environment[name.slice(4)] ?? "";
    const key = keyOf(name);
    return (key === undefined ? undefined : values[key]) ?? whole;
  });
}

/** Whether a run block has use for a placeholder. */
export const usesPlaceholder = (run: Pick<PlaceholderPlaces, "command" | "env">, name: keyof typeof names): boolean =>
  [...run.command, ...Object.values(run.env)].some((text) => text.includes(`{{${name}}}`));

/** The parts of a run block that may hold placeholders, and what decides which ones. */
interface PlaceholderPlaces {
  readonly mode: "stream" | "oneshot";
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly passEnv: readonly string[];
  readonly binds: readonly string[];
  readonly withoutStartup?: boolean;
}

/** What is wrong with the placeholders of a run block, as [key, message]: unknown ones, and ones that have no value there. */
export function placeholderProblems(run: PlaceholderPlaces): readonly (readonly [string, string])[] {
  const problems: [string, string][] = [];
  const allowed = Object.keys(names).filter(
    (name) =>
      (run.mode === "oneshot" || (name !== "INFILE" && name !== "OUTFILE")) &&
      (run.withoutStartup !== true || (name !== "STARTUP" && name !== "GCDQP_PACKET")),
  );
  const look = (key: string, text: string, known: readonly string[]): void => {
    for (const [whole, name = ""] of text.matchAll(pattern)) {
      if (name.startsWith("ENV:")) {
        if (!run.passEnv.includes(name.slice(4))) problems.push([key, `${whole}: ${name.slice(4)} must be listed in "passEnv"`]);
      } else if (!known.includes(name)) {
        const list = [...known, "ENV:NAME"].map((one) => `{{${one}}}`).join(" ");
        problems.push([key, `${whole} has no meaning here; allowed: ${list}`]);
      }
    }
  };
  for (const item of run.command) look("command", item, allowed);
  for (const value of Object.values(run.env)) look("env", value, allowed);
  for (const bind of run.binds) look("binds", bind, ["RECO_DIR"]);
  const first = run.command[0] ?? "";
  if (first === "") problems.push(["command", "the first item must name an executable"]);
  else if (first.includes("/") && !/^(\/|\.\/|\.\.\/|\{\{)/.test(first)) {
    problems.push([
      "command",
      `"${first}": write "./${first}" (relative to the manifest), an absolute path, or a bare name found on PATH`,
    ]);
  }
  return problems;
}
