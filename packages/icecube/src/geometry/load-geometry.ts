import { readFile, stat } from "node:fs/promises";
import { IceCubeError, within } from "../errors.ts";
import { createGeometry, type Dom, type Geometry } from "./geometry.ts";
import { hexagon } from "./hexagon.ts";
import { icecube86 } from "./icecube86.ts";

/**
 * A built-in geometry by its name: `icecube86`, `hexagon` (IceCube's spacings, 61 strings), or
 * `hexagon:RINGS:STRING_SPACING_M:MODULES:MODULE_SPACING_M`.
 * @throws IceCubeError `invalid` for another name
 */
export function geometryByName(name: string): Geometry {
  if (name === "icecube86") return icecube86();
  if (name === "hexagon") return hexagon();
  const parameters = /^hexagon:([0-9]+):([0-9.]+):([0-9]+):([0-9.]+)$/.exec(name)?.slice(1).map(Number);
  if (parameters === undefined) {
    throw new IceCubeError(
      "invalid",
      `no geometry ${JSON.stringify(name)}; there are icecube86, hexagon and hexagon:RINGS:SPACING_M:MODULES:SPACING_M`,
    );
  }
  const [rings, stringSpacingM, modulesPerString, moduleSpacingM] = parameters as [number, number, number, number];
  return hexagon({ rings, stringSpacingM, modulesPerString, moduleSpacingM });
}

/**
 * What `--geometry` takes: a built-in name, else the path of a table.
 * @throws IceCubeError as `geometryByName` and `readGeometryCsv`
 */
export async function loadGeometry(nameOrPath: string): Promise<Geometry> {
  const builtIn = nameOrPath === "icecube86" || /^hexagon(:|$)/.test(nameOrPath);
  return builtIn ? geometryByName(nameOrPath) : readGeometryCsv(nameOrPath);
}

const maxCsvBytes = 32 * 1024 * 1024;

/**
 * Reads a table of module positions: CSV with the columns string, om, x, y, z (metres, detector coordinates), in any order.
 * @throws IceCubeError `io`, `too-large`, `garbled` (with the line), `invalid`
 */
export async function readGeometryCsv(path: string): Promise<Geometry> {
  let text: string;
  try {
    const about = await stat(path);
    if (!about.isFile()) throw new IceCubeError("io", `the geometry table ${path} is no file`);
    const { size } = about;
    if (size > maxCsvBytes) throw new IceCubeError("too-large", `${path}: ${size} bytes are no geometry table`);
    text = await readFile(path, "utf8");
  } catch (cause) {
    if (cause instanceof IceCubeError) throw cause;
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new IceCubeError("io", `cannot read the geometry table ${path}: ${why}`, { cause });
  }
  return within(path, () => parseGeometryCsv(text));
}

/** The text of such a table. @throws IceCubeError `garbled`, `invalid`, `too-large` */
export function parseGeometryCsv(text: string): Geometry {
  if (text.length > maxCsvBytes) throw new IceCubeError("too-large", `${text.length} characters are no geometry table`);
  const lines = text.split(/\r?\n/);
  const header = (lines[0] ?? "").split(",").map((name) => name.trim());
  const columns = ["string", "om", "x", "y", "z"].map((name) => header.indexOf(name));
  if (columns.includes(-1))
    throw new IceCubeError("garbled", `line 1: the columns string, om, x, y, z are needed, found ${header.join(", ")}`);
  const doms: Dom[] = [];
  lines.slice(1).forEach((line, i) => {
    if (line.trim() === "") return;
    const cells = line.split(",").map((cell) => cell.trim());
    const values = columns.map((column) => (cells[column] === undefined || cells[column] === "" ? NaN : Number(cells[column])));
    const [string, om, xM, yM, zM] = values as [number, number, number, number, number];
    if (!Number.isInteger(string) || !Number.isInteger(om) || !values.every(Number.isFinite)) {
      throw new IceCubeError("garbled", `line ${i + 2}: ${JSON.stringify(line.slice(0, 80))} is no string,om,x,y,z`);
    }
    doms.push({ string, om, xM, yM, zM });
  });
  if (doms.length === 0) throw new IceCubeError("garbled", "the table holds no modules");
  return createGeometry("table", doms);
}
