import { nearestName } from "@skyscan/runtime";
import { RecoError } from "./errors.ts";
import type { Manifest } from "./manifest.ts";

/** Every option of a reco with its value, as the startup file carries it. */
export type RecoOptions = Readonly<Record<string, string>>;

/**
 * All options of a manifest: what `--reco-option NAME=VALUE` gave, the default for the others. The last one of a name stands.
 * @throws RecoError `bad-option` with every problem, one a line, and what is allowed.
 */
export function parseRecoOptions(manifest: Manifest, given: readonly string[]): RecoOptions {
  const problems: string[] = [];
  const pairs: [string, string][] = [];
  for (const one of given) {
    const at = one.indexOf("=");
    if (at > 0) pairs.push([one.slice(0, at), one.slice(at + 1)]);
    else problems.push(`--reco-option ${one}: it takes NAME=VALUE`);
  }
  const complete = completed(manifest, pairs, problems);
  if (problems.length > 0) throw new RecoError("bad-option", problems.join("\n"));
  return complete;
}

/**
 * The options that a startup file carries, checked against this manifest, defaults filled in.
 * @throws RecoError `bad-option` with every problem, one a line.
 */
export function completeRecoOptions(manifest: Manifest, given: RecoOptions): RecoOptions {
  const problems: string[] = [];
  const complete = completed(manifest, Object.entries(given), problems);
  if (problems.length > 0) throw new RecoError("bad-option", problems.join("\n"));
  return complete;
}

function completed(manifest: Manifest, pairs: readonly (readonly [string, string])[], problems: string[]): RecoOptions {
  const values = new Map(Object.entries(manifest.options).map(([name, option]) => [name, option.default]));
  for (const [name, value] of pairs) {
    const option = Object.hasOwn(manifest.options, name) ? manifest.options[name] : undefined;
    if (option === undefined) {
      const known = Object.keys(manifest.options);
      const near = nearestName(name, known);
      const hint = near === undefined ? "" : ` (did you mean ${near}?)`;
      const there = known.length === 0 ? "it has none" : `it has ${known.join(", ")}`;
      problems.push(`reco option ${name}=${value}: ${manifest.name} has no such option${hint}; ${there}`);
    } else if (option.values.includes(value)) values.set(name, value);
    else problems.push(`reco option ${name}=${value} is not allowed: it takes ${option.values.join(", ")}`);
  }
  return Object.fromEntries(values);
}
