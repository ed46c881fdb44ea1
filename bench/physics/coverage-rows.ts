import type { IceName } from "@skyscan/simulation";
import type { Measured } from "./coverage.ts";
import { row } from "./rows.ts";
import type { Row } from "./rows.ts";

/** 2 dllh below which half, and nine tenths, of honest two-dimensional fits have the truth (chi2 with 2 degrees of freedom). */
export const levels = { half: 1.386, ninetyPercent: 4.605 } as const;

interface Bounds {
  readonly atLeast?: number;
  readonly atMost?: number;
}
const required: Readonly<Record<string, { readonly half: Bounds; readonly ninetyPercent: Bounds; readonly errorDeg: Bounds }>> = {
  pandel: { half: { atLeast: 40, atMost: 62 }, ninetyPercent: { atLeast: 82, atMost: 97 }, errorDeg: { atMost: 0.3 } },
  pandel_spe: { half: { atLeast: 70 }, ninetyPercent: { atLeast: 88 }, errorDeg: {} },
};

/** Fewer events than this prove nothing about a percentage. */
const decisiveEvents = 100;

/** The figures of one reco in one ice. Bounds hold for the recos' own ice; in another one everything is reported only. */
export function coverageRows(reco: string, ice: IceName, measured: readonly Measured[]): Row[] {
  const bounds = ice === "model" ? required[reco] : undefined;
  const decisive = measured.length >= decisiveEvents;
  const name = `${reco}, ice ${ice}`;
  const count = measured.length;
  const below = (level: number): number => (100 * measured.filter(({ twoDeltaLlh }) => twoDeltaLlh < level).length) / count;
  const errors = measured.map(({ errorDeg }) => errorDeg);
  const binomial = (percent: number): string => `+- ${Math.sqrt((percent * (100 - percent)) / count).toFixed(0)}`;
  const half = below(levels.half);
  const ninety = below(levels.ninetyPercent);
  const rows = [
    row(
      {
        case: name,
        what: "2 dllh to truth < 1.386 (50 %)",
        reached: half,
        unit: "%",
        count,
        note: binomial(half),
        ...bounds?.half,
      },
      decisive,
    ),
    row(
      {
        case: name,
        what: "2 dllh to truth < 4.605 (90 %)",
        reached: ninety,
        unit: "%",
        count,
        note: binomial(ninety),
        ...bounds?.ninetyPercent,
      },
      decisive,
    ),
    row({ case: name, what: "median error", reached: quantile(errors, 0.5), unit: "deg", count, ...bounds?.errorDeg }, decisive),
    row({ case: name, what: "error of the worst tenth, from", reached: quantile(errors, 0.9), unit: "deg", count }),
  ];
  const pulls = measured.flatMap(({ pulls: both }) => (both === null ? [] : [both]));
  if (pulls.length > 0) {
    for (const axis of [0, 1] as const) {
      const values = pulls.map((both) => both[axis]);
      const what = axis === 0 ? "zenith" : "azimuth";
      rows.push(
        row({ case: name, what: `pull in ${what}, median`, reached: quantile(values, 0.5), unit: "", count: values.length }),
      );
      const width = (quantile(values, 0.8413) - quantile(values, 0.1587)) / 2;
      rows.push(row({ case: name, what: `pull in ${what}, width`, reached: width, unit: "", count: values.length }));
    }
  }
  return rows;
}

/** Linear between the values in order. NaN of nothing. */
export function quantile(values: readonly number[], part: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const at = part * (sorted.length - 1);
  const low = sorted[Math.floor(at)] ?? NaN;
  return low + (at - Math.floor(at)) * ((sorted[Math.ceil(at)] ?? low) - low);
}
