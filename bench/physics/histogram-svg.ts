export interface Histogram {
  readonly title: string;
  readonly axis: string;
  readonly values: readonly number[];
  /** Values at or above the end are counted in the last bin. */
  readonly to: number;
  readonly bins: number;
  /** Probability density to compare with. */
  readonly expected?: { readonly label: string; readonly density: (x: number) => number };
}

const width = 460;
const height = 320;
const margin = { left: 52, right: 16, top: 42, bottom: 46 };

/** Histograms beside each other, as one SVG. */
export function histogramsSvg(histograms: readonly Histogram[]): string {
  const total = width * histograms.length;
  const panels = histograms.map((one, i) => `<g transform="translate(${i * width} 0)">${panel(one)}</g>`);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${total} ${height}" width="${total}" height="${height}" font-family="DejaVu Sans, sans-serif" font-size="12">`,
    `<rect width="${total}" height="${height}" fill="#ffffff"/>`,
    ...panels,
    "</svg>\n",
  ].join("\n");
}

function panel({ title, axis, values, to, bins, expected }: Histogram): string {
  const counts = new Array<number>(bins).fill(0);
  for (const value of values) {
    const bin = Math.min(bins - 1, Math.max(0, Math.floor((value / to) * bins)));
    counts[bin]!++;
  }
  const binWidth = to / bins;
  const curve: readonly (readonly [x: number, y: number])[] =
    expected === undefined
      ? []
      : Array.from({ length: 101 }, (_, i) => {
          const x = (to * i) / 100;
          return [x, expected.density(x) * values.length * binWidth];
        });
  const top = 1.1 * Math.max(1, ...counts, ...curve.map(([, y]) => y));
  const px = (x: number): number => margin.left + (x / to) * (width - margin.left - margin.right);
  const py = (y: number): number => height - margin.bottom - (y / top) * (height - margin.top - margin.bottom);
  const f = (value: number): string => value.toFixed(1);
  const bars = counts.map((count, bin) => {
    const x = px(bin * binWidth);
    return `<rect x="${f(x)}" y="${f(py(count))}" width="${f(px((bin + 1) * binWidth) - x - 1)}" height="${f(py(0) - py(count))}" fill="#7aa6d6"/>`;
  });
  const tickX = Array.from({ length: 6 }, (_, i) => (to * i) / 5).map(
    (x) => `<text x="${f(px(x))}" y="${f(py(0) + 16)}" text-anchor="middle">${Number(x.toPrecision(3))}</text>`,
  );
  const stepY = Math.max(1, Math.ceil(top / 5));
  const tickY = Array.from({ length: Math.floor(top / stepY) + 1 }, (_, i) => i * stepY).map(
    (y) => `<text x="${margin.left - 6}" y="${f(py(y) + 4)}" text-anchor="end">${y}</text>`,
  );
  const frame = `<path d="M${margin.left} ${f(py(top))} V${f(py(0))} H${width - margin.right}" fill="none" stroke="#333333"/>`;
  const line =
    expected === undefined
      ? ""
      : `<path d="M${curve.map(([x, y]) => `${f(px(x))} ${f(py(y))}`).join(" L")}" fill="none" stroke="#c0392b" stroke-width="2"/>` +
        `<text x="${width - margin.right}" y="${margin.top + 12}" text-anchor="end" fill="#c0392b">${expected.label}</text>`;
  return [
    ...bars,
    line,
    frame,
    ...tickX,
    ...tickY,
    `<text x="${width / 2}" y="20" text-anchor="middle" font-size="14">${title}</text>`,
    `<text x="${width / 2}" y="${height - 10}" text-anchor="middle">${axis}; the last bin holds all above</text>`,
  ].join("");
}
