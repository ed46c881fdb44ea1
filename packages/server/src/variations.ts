/** How the starting vertices of a pixel are varied (reco-protocol, section 2, `seeding.vertexVariations`). */
export type VertexVariations =
  | { readonly kind: "point" }
  | { readonly kind: "octahedron"; readonly radiusM: number }
  | { readonly kind: "cylinder"; readonly radiusM: number; readonly heightM: number; readonly n: number }
  | { readonly kind: "list"; readonly offsetsM: readonly (readonly [number, number, number])[] };

export type Offset = readonly [xM: number, yM: number, zM: number];

/**
 * Offsets from the seed vertex, one per position variation, in metres; the vertex itself first.
 * Cylinder: `n` points on two rings half the height above and below, the second staggered by half a step.
 */
export function vertexOffsets(variations: VertexVariations): readonly Offset[] {
  const centre: Offset = [0, 0, 0];
  switch (variations.kind) {
    case "point":
      return [centre];
    case "octahedron": {
      const r = variations.radiusM;
      return [centre, [r, 0, 0], [-r, 0, 0], [0, r, 0], [0, -r, 0], [0, 0, r], [0, 0, -r]];
    }
    case "cylinder": {
      const perRing = Math.ceil(variations.n / 2);
      const points = Array.from({ length: variations.n }, (_, point): Offset => {
        const upper = point < perRing;
        const onRing = upper ? perRing : variations.n - perRing;
        const step = (2 * Math.PI) / onRing;
        const angle = upper ? point * step : (point - perRing) * step + step / 2;
        const z = (upper ? 1 : -1) * (variations.heightM / 2);
        return [variations.radiusM * Math.cos(angle), variations.radiusM * Math.sin(angle), z];
      });
      return [centre, ...points];
    }
    case "list":
      return variations.offsetsM;
  }
}

/** Turns an offset given for a track along +z to the direction (zenith, azimuth in rad): by the zenith about y, then by the azimuth about z. */
export function rotateOffset([x, y, z]: Offset, zenithRad: number, azimuthRad: number): Offset {
  const xTilted = x * Math.cos(zenithRad) + z * Math.sin(zenithRad);
  const zTilted = z * Math.cos(zenithRad) - x * Math.sin(zenithRad);
  return [
    xTilted * Math.cos(azimuthRad) - y * Math.sin(azimuthRad),
    xTilted * Math.sin(azimuthRad) + y * Math.cos(azimuthRad),
    zTilted,
  ];
}
