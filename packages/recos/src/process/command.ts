import type { RunBlock } from "../manifest/manifest.ts";
import type { Manifest } from "../manifest/manifest.ts";
import type { RecoOptions } from "../manifest/options.ts";
import { fillPlaceholders } from "../manifest/placeholders.ts";
import type { PlaceholderValues } from "../manifest/placeholders.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** The argv of a reco, never a shell line: its command with the placeholders filled in, then the flag and value of every option. */
export function recoCommand(
  manifest: Manifest,
  options: RecoOptions,
  values: PlaceholderValues,
  environment: Environment,
): readonly string[] {
  const flags = Object.entries(manifest.options).flatMap(([name, option]) => [option.flag, options[name] ?? option.default]);
  return [...filledCommand(manifest.run, values, environment), ...flags];
}

/** The command of a run block with its placeholders filled in. */
export const filledCommand = (
  run: Pick<RunBlock, "command" | "passEnv">,
  values: PlaceholderValues,
  environment: Environment,
): readonly string[] => run.command.map((item) => fillPlaceholders(item, values, environment));
