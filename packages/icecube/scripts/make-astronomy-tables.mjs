// Writes src/coordinates/nutation-terms.ts and src/coordinates/earth-terms.ts from the C sources of ERFA
// (https://github.com/liberfa/erfa, also in the source distribution of pyerfa on PyPI).
//
//   node scripts/make-astronomy-tables.mjs ERFA_SOURCE_DIRECTORY
//
// Nutation: all 77 terms of IAU 2000B. Earth: the terms of epv00 (simplified VSOP2000) that matter, see `keep`.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const [directory] = process.argv.slice(2);
if (directory === undefined) throw new Error("usage: make-astronomy-tables.mjs ERFA_SOURCE_DIRECTORY");
const source = (name) => readFileSync(join(directory, `${name}.c`), "utf8").replace(/\/\*[^]*?\*\//g, "");
const target = (name) => new URL(`../src/coordinates/${name}.ts`, import.meta.url);
const numbers = (text) =>
  text
    .split(",")
    .map((item) => item.trim())
    .filter((item) => item !== "")
    .map(Number);

const header = `// Made by scripts/make-astronomy-tables.mjs from ERFA (BSD-3-Clause, see NOTICE); do not edit.\n\n`;

const nutationBody = /\} x\[\] = \{([^]*?)\n\s*\};/.exec(source("nut00b"))[1];
const nutation = [...nutationBody.matchAll(/\{([^{}]*)\}/g)].map((match) => numbers(match[1]));
if (nutation.length !== 77 || nutation.some((row) => row.length !== 11)) throw new Error("nut00b.c does not look as expected");
writeFileSync(
  target("nutation-terms"),
  header +
    "// prettier-ignore\nexport type NutationTerm = readonly [\n" +
    "  l: number, lp: number, f: number, d: number, om: number,\n" +
    "  ps: number, pst: number, pc: number, ec: number, ect: number, es: number,\n];\n\n" +
    "/**\n * IAU 2000B luni-solar nutation (McCarthy & Luzum 2003): multiples of l, l', F, D, Om; then longitude sin, t sin, cos and\n" +
    " * obliquity cos, t cos, sin in 0.1 microarcseconds.\n */\n// prettier-ignore\n" +
    "export const nutationTerms: readonly NutationTerm[] = [\n" +
    nutation.map((row) => `  [${row.join(", ")}],\n`).join("") +
    "];\n",
);

// A term of amplitude a (AU) and frequency c (rad/year) changes the velocity by a c. 1e-6 AU/year is 16e-12 of the speed of
// light, 3 microarcseconds of aberration; positions need far less (they only serve the light deflection).
const keep = ([amplitude, , frequency], power) => Math.abs(amplitude * Math.max(frequency, 1)) * 0.3 ** power > 1e-6;
const earth = source("epv00");
const series = (name) => {
  const values = numbers(new RegExp(`static const double ${name}\\[\\] = \\{([^]*?)\\};`).exec(earth)[1]);
  if (values.length % 3 !== 0) throw new Error(`${name} is no list of triplets`);
  return Array.from({ length: values.length / 3 }, (_, i) => values.slice(3 * i, 3 * i + 3));
};
const block = (name, doc, prefix) =>
  `/** ${doc} */\n// prettier-ignore\nexport const ${name}: EarthSeries = [\n` +
  [0, 1, 2]
    .map((power) => {
      const axes = ["x", "y", "z"].map(
        (axis) =>
          `    [${series(`${prefix}${power}${axis}`)
            .filter((term) => keep(term, power))
            .map((term) => `[${term.join(", ")}]`)
            .join(", ")}],\n`,
      );
      return `  [\n${axes.join("")}  ],\n`;
    })
    .join("") +
  "];\n";
writeFileSync(
  target("earth-terms"),
  header +
    "/** `[power of T][axis x, y, z]` → terms `[amplitude AU, phase rad, frequency rad per Julian year]`. */\n" +
    "export type EarthSeries = readonly (readonly (readonly (readonly number[])[])[])[];\n\n" +
    block("sunToEarth", "Sun to Earth, ecliptic.", "e") +
    "\n" +
    block("barycentreToSun", "Barycentre of the Solar System to Sun, ecliptic.", "s"),
);
