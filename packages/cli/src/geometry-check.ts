import { icecube86 } from "@skyscan/icecube";

/** The built-in geometry is data of the package: that it can be read is worth a line. */
export function builtGeometryCheck(): { readonly verdict: "ok"; readonly about: string; readonly text: string } {
  const geometry = icecube86();
  return { verdict: "ok", about: "geometry", text: `built in: icecube86 with ${geometry.doms.length} modules, hexagon` };
}
