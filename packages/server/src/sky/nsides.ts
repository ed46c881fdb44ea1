import { UsageError } from "@skyscan/runtime";

/** One step of the nside progression: pixels of `nside`, and how many coarser pixels around the best one are refined to it. */
export interface NsideStep {
  readonly nside: number;
  /** The pixel extension: 0 for the first step (the whole sky), positive for all others. */
  readonly extension: number;
}

/** Largest nside that RING pixel arithmetic is done for. */
export const maxNside: number = 2 ** 24;
const usage =
  "--nsides takes N:X pairs such as 8:0 64:12 512:24 (N a power of two, ascending; X the pixel extension: 0 first, then positive)";

/**
 * The progression of `--nsides` (v3.22 syntax; `N` or `N M` as in v3.4 is read as that version's fixed extensions 12 and 24, with `deprecated` set).
 * @throws UsageError naming the value and what is allowed.
 */
export function parseNsides(words: readonly string[]): { readonly steps: readonly NsideStep[]; readonly deprecated: boolean } {
  const items = words.flatMap((word) => word.split(/[\s,]+/)).filter((word) => word !== "");
  if (items.length === 0) throw new UsageError(`--nsides has no value: ${usage}`);
  if (items.every((item) => /^\d+$/.test(item))) return { steps: progressionOfV34(items), deprecated: true };
  const steps = items.map((item) => {
    const match = /^(\d+):(\d+)$/.exec(item);
    if (match === null) throw new UsageError(`--nsides ${item} is not allowed: ${usage}`);
    return { nside: checkedNside(Number(match[1]), item), extension: Number(match[2]) };
  });
  for (const [position, step] of steps.entries()) {
    const before = steps[position - 1];
    if (before === undefined) {
      if (step.extension !== 0)
        throw new UsageError(
          `--nsides ${step.nside}:${step.extension}: the first extension must be 0 (the whole sky is scanned)`,
        );
      continue;
    }
    if (step.nside <= before.nside)
      throw new UsageError(`--nsides ${step.nside} after ${before.nside}: nsides must be unique and ascending`);
    if (step.extension === 0)
      throw new UsageError(`--nsides ${step.nside}:0: only the first extension may be 0, the others are positive`);
  }
  return { steps, deprecated: false };
}

function checkedNside(nside: number, shown: string): number {
  if (nside >= 1 && nside <= maxNside && Number.isInteger(Math.log2(nside))) return nside;
  throw new UsageError(`--nsides ${shown}: nside ${nside} is not a power of two from 1 to ${maxNside}`);
}

/** v3.4: coarsest and finest, with nside 64 between them where it fits, extensions 12 and then 24. */
function progressionOfV34(items: readonly string[]): readonly NsideStep[] {
  if (items.length > 2)
    throw new UsageError(
      `--nsides ${items.join(" ")}: without extensions at most two values (min and max) are allowed; ${usage}`,
    );
  const [first, last] = items.map((item) => checkedNside(Number(item), item)).sort((a, b) => a - b);
  if (first === undefined || last === undefined || first === last) return [{ nside: first ?? 8, extension: 0 }];
  if (first < 64 && last > 64) {
    return [
      { nside: first, extension: 0 },
      { nside: 64, extension: 12 },
      { nside: last, extension: 24 },
    ];
  }
  return [
    { nside: first, extension: 0 },
    { nside: last, extension: first >= 64 ? 24 : 12 },
  ];
}

/** `8:0 64:12 512:24` */
export const formatNsides = (steps: readonly NsideStep[]): string =>
  steps.map((step) => `${step.nside}:${step.extension}`).join(" ");
