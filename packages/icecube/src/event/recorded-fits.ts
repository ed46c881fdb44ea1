import { within } from "../errors.ts";
import { frameObject, type Frame } from "../frame/frame.ts";
import { readParticle } from "../frame/particle.ts";
import { readDouble, readFitParams, readPosition } from "../frame/simple-objects.ts";
import type { Event, RecordedFit, RecordedVertex } from "./event.ts";

/** All particles of a P frame, with the llh and ndof of the `…FitParams` beside them. */
export function readRecordedFits(physics: Frame): Record<string, RecordedFit> {
  const fits: Record<string, RecordedFit> = {};
  for (const { key, typeName, blob } of physics.objects) {
    if (typeName !== "I3Particle") continue;
    const particle = within(`frame P, key ${key}`, () => readParticle(blob));
    const paramsKey = `${key}FitParams`;
    const beside = frameObject(physics, paramsKey);
    const params =
      beside?.typeName === "I3LogLikelihoodFitParams"
        ? within(`frame P, key ${paramsKey}`, () => readFitParams(beside.blob))
        : undefined;
    fits[key] = {
      zenithRad: particle.zenithRad,
      azimuthRad: particle.azimuthRad,
      ...particle.position,
      timeNs: particle.timeNs,
      energyGeV: particle.energyGeV,
      fitStatus: particle.fitStatus,
      llh: params?.llh,
      ndof: params?.ndof,
    };
  }
  return fits;
}

/**
 * The fit of a name as format 2021a has it: from 2023a on the online reconstructions `OnlineL2_…` are `l2_online_…`.
 */
export function recordedFit({ recorded }: Pick<Event, "recorded">, name: string): RecordedFit | undefined {
  const prefix = "OnlineL2_";
  const newer = name.startsWith(prefix) ? recorded[`l2_online_${name.slice(prefix.length)}`] : undefined;
  return recorded[name] ?? newer;
}

/** All positions `…Pos` of a P frame under their name without `Pos`, with the time `…Time` beside them. */
export function readVertices(physics: Frame): Record<string, RecordedVertex> {
  const vertices: Record<string, RecordedVertex> = {};
  for (const { key, typeName, blob } of physics.objects) {
    if (typeName !== "I3Position" || !key.endsWith("Pos")) continue;
    const name = key.slice(0, -"Pos".length);
    const position = within(`frame P, key ${key}`, () => readPosition(blob));
    const time = frameObject(physics, `${name}Time`);
    const timeNs =
      time?.typeName === "I3PODHolder<double>" ? within(`frame P, key ${name}Time`, () => readDouble(time.blob)) : undefined;
    vertices[name] = { ...position, timeNs };
  }
  return vertices;
}
