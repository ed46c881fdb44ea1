import { createGeometry, type Dom, type Geometry } from "./geometry.ts";
import { icecube86Positions } from "./icecube86-positions.ts";

let made: Geometry | undefined;

/** IceCube-86: 5160 in-ice modules on 86 strings, positions to 0.01 m. IceTop (om 61-64) is not in it. */
export function icecube86(): Geometry {
  made ??= createGeometry("icecube86", decode());
  return made;
}

function* decode(): Generator<Dom> {
  for (const [string, modules, ...axes] of icecube86Positions) {
    const [x, y, z] = axes.map((axis) => centimetres(axis, modules)) as [number[], number[], number[]];
    for (let i = 0; i < modules; i++) yield { string, om: i + 1, xM: x[i]! / 100, yM: y[i]! / 100, zM: z[i]! / 100 };
  }
}

/** `"49603 -1702x59"`: a start, then steps with their counts. */
function centimetres(code: string, length: number): number[] {
  const [start, ...steps] = code.split(" ");
  const values = [Number(start)];
  for (const run of steps) {
    const [step, count = "1"] = run.split("x");
    for (let i = 0; i < Number(count); i++) values.push(values.at(-1)! + Number(step));
  }
  while (values.length < length) values.push(values.at(-1)!);
  return values;
}
