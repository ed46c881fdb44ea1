import { IceCubeError } from "../errors.ts";
import type { Position } from "../frame/simple-objects.ts";

/** An optical module and where it is, detector coordinates in metres. */
export interface Dom extends Position {
  readonly string: number;
  readonly om: number;
}

/** Where a detector's in-ice modules are. */
export interface Geometry {
  /** How it can be had again, see `geometryByName`; `table` for one read from a file. */
  readonly name: string;
  /** In the order (string, om). */
  readonly doms: readonly Dom[];
  /** The module, or undefined when the geometry does not hold it. */
  dom(string: number, om: number): Dom | undefined;
}

/** @throws IceCubeError `invalid` when a module is there twice or a position is no number. */
export function createGeometry(name: string, modules: Iterable<Dom>): Geometry {
  const doms = [...modules].sort((a, b) => a.string - b.string || a.om - b.om);
  const byKey = new Map<number, Dom>();
  for (const dom of doms) {
    const key = keyOf(dom.string, dom.om);
    if (byKey.has(key)) throw new IceCubeError("invalid", `geometry ${name}: module (${dom.string},${dom.om}) is there twice`);
    if (!Number.isFinite(dom.xM + dom.yM + dom.zM)) {
      throw new IceCubeError("invalid", `geometry ${name}: module (${dom.string},${dom.om}) has no finite position`);
    }
    byKey.set(key, dom);
  }
  return { name, doms, dom: (string, om) => byKey.get(keyOf(string, om)) };
}

const keyOf = (string: number, om: number): number => string * 1024 + om;
