import { join } from "node:path";
import { messageOf, writeFileAtomically } from "@skyscan/runtime";
import type { IceName } from "@skyscan/simulation";
import { renderPng } from "@skyscan/skymap";
import type { Measured } from "./coverage.ts";
import { quantile } from "./coverage-rows.ts";
import { histogramsSvg } from "./histogram-svg.ts";

/** Writes the distributions of 2 dllh and of the errors as SVG and, where the renderer is installed, PNG. Returns the paths. */
export async function drawCoverage(
  directory: string,
  reco: string,
  ice: IceName,
  measured: readonly Measured[],
  complain: (text: string) => void,
): Promise<string[]> {
  const median = quantile(
    measured.map(({ errorDeg }) => errorDeg),
    0.5,
  );
  const svg = histogramsSvg([
    {
      title: `${reco}, ice ${ice}: ${measured.length} tracks`,
      axis: "2Δllh from the minimum to the truth",
      values: measured.map(({ twoDeltaLlh }) => twoDeltaLlh),
      to: 12,
      bins: 24,
      expected: { label: "χ², 2 degrees of freedom", density: (x) => Math.exp(-x / 2) / 2 },
    },
    {
      title: `median ${median.toFixed(2)} degrees`,
      axis: "minimum to truth, degrees",
      values: measured.map(({ errorDeg }) => errorDeg),
      to: Math.max(0.5, Math.ceil(6 * median) / 2),
      bins: 20,
    },
  ]);
  const base = join(directory, `coverage-${reco}-${ice}`);
  await writeFileAtomically(`${base}.svg`, svg);
  try {
    await writeFileAtomically(`${base}.png`, await renderPng(svg));
    return [`${base}.svg`, `${base}.png`];
  } catch (error) {
    complain(`no PNG: ${messageOf(error)}`);
    return [`${base}.svg`];
  }
}
