import * as icecube from "@skyscan/icecube";
import { framePickles } from "../samples.ts";
import type { Target } from "../target.ts";

const objectsOf = (wanted: (typeName: string) => boolean): Uint8Array[] =>
  framePickles().flatMap((pickle) =>
    icecube
      .parseFrame(icecube.unpickleFrame(pickle).bytes)
      .objects.filter(({ typeName }) => wanted(typeName))
      .map(({ blob }) => blob),
  );

const objectReaders = [
  icecube.readEventHeader,
  icecube.readOmKeys,
  icecube.readParticle,
  icecube.readPulseMap,
  icecube.readPulseMask,
  icecube.readString,
  icecube.readSuperDst,
  icecube.readTimeWindowMap,
] as const;

/** Reads an archive by what it says it is: each reader refuses the others' kinds. */
function readObject(blob: Uint8Array): void {
  let refusal: unknown;
  for (const read of objectReaders) {
    try {
      read(blob);
      return;
    } catch (error) {
      if (!(error instanceof icecube.IceCubeError)) throw error;
      refusal = error;
    }
  }
  throw refusal;
}

export const frameObjectTargets: readonly Target[] = [
  {
    name: "super-dst",
    errors: [icecube.IceCubeError],
    corpus: () => objectsOf((typeName) => typeName === "I3SuperDST"),
    parse: icecube.readSuperDst,
  },
  {
    name: "frame-object",
    errors: [icecube.IceCubeError],
    corpus: () => objectsOf((typeName) => typeName !== "I3SuperDST"),
    parse: readObject,
  },
];
