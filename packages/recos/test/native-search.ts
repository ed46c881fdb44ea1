import { fitAll } from "./native-event.ts";
import type { Direction } from "./native-event.ts";
import type { NativeProcess } from "./native-process.ts";

export interface Best extends Direction {
  readonly llh: number;
}

/** `count` directions spread evenly over the sphere along a spiral. */
function sphere(count: number): Direction[] {
  const golden = Math.PI * (3 - Math.sqrt(5));
  return Array.from({ length: count }, (_, i) => ({
    zenithRad: Math.acos(1 - (2 * i + 1) / count),
    azimuthRad: (i * golden) % (2 * Math.PI),
  }));
}

/** A spiral of `count` directions around `centre`, out to `radiusRad`. */
function cap(centre: Direction, radiusRad: number, count: number): Direction[] {
  const { zenithRad: z, azimuthRad: a } = centre;
  return sphere(count).map((_, i) => {
    const r = radiusRad * Math.sqrt((i + 0.5) / count);
    const phi = i * Math.PI * (3 - Math.sqrt(5));
    const cos = Math.cos(z) * Math.cos(r) + Math.sin(z) * Math.sin(r) * Math.cos(phi);
    const zenithRad = Math.acos(Math.min(1, Math.max(-1, cos)));
    const turn = Math.atan2(Math.sin(r) * Math.sin(phi), Math.sin(z) * Math.cos(r) - Math.cos(z) * Math.sin(r) * Math.cos(phi));
    return { zenithRad, azimuthRad: (a + turn + 2 * Math.PI) % (2 * Math.PI) };
  });
}

async function lowest(native: NativeProcess, directions: readonly Direction[]): Promise<Best> {
  const replies = await fitAll(native, directions);
  let best: Best = { zenithRad: NaN, azimuthRad: NaN, llh: Infinity };
  replies.forEach(({ llh }, i) => {
    if (llh !== null && llh < best.llh) best = { ...directions[i]!, llh };
  });
  return best;
}

/** Looks all over the sky, then more closely around the best, as a scan does, down to a spacing of about 0.05 degrees. */
export async function searchBlindly(native: NativeProcess): Promise<Best> {
  let best = await lowest(native, sphere(768));
  for (const [radiusDeg, count] of [
    [13, 768],
    [2.5, 1536],
    [0.5, 300],
  ] as const) {
    const found = await lowest(native, cap(best, (radiusDeg * Math.PI) / 180, count));
    if (found.llh < best.llh) best = found;
  }
  return best;
}

/** Goes downhill from `start` in ever smaller steps. */
export async function descend(native: NativeProcess, start: Direction): Promise<Best> {
  let best = await lowest(native, [start]);
  for (let step = 0.002; step > 1e-5;) {
    const around = [0, 1, 2, 3, 4, 5, 6, 7].map((i) => ({
      zenithRad: best.zenithRad + step * Math.cos((i * Math.PI) / 4),
      azimuthRad: best.azimuthRad + (step * Math.sin((i * Math.PI) / 4)) / Math.sin(best.zenithRad),
    }));
    const found = await lowest(native, around);
    if (found.llh < best.llh - 1e-4) best = found;
    else step /= 2;
  }
  return best;
}
