/** How the starting vertices of a pixel are varied (reco-protocol, section 2, `seeding.vertexVariations`). */
export type VertexVariations =
  | { readonly kind: "point" }
  | { readonly kind: "octahedron"; readonly radiusM: number }
  | { readonly kind: "cylinder"; readonly radiusM: number; readonly heightM: number; readonly n: number }
  | { readonly kind: "list"; readonly offsetsM: readonly (readonly [number, number, number])[] };

export type Offset = readonly [xM: number, yM: number, zM: number];

/**
 * Offsets from the seed vertex, one per position variation, in metres; the vertex itself first. Points and their order as the predecessor's.
 * Cylinder: `n` points on two rings, the first half the height below, the second above it and staggered by half a step.
 */
export function vertexOffsets(variations: VertexVariations): readonly Offset[] {
  const centre: Offset = [0, 0, 0];
  switch (variations.kind) {
    case "point":
      return [centre];
    case "octahedron": {
      const r = variations.radiusM;
      return [centre, [-r, 0, 0], [r, 0, 0], [0, -r, 0], [0, r, 0], [0, 0, -r], [0, 0, r]];
    }
    case "cylinder": {
      const perRing = Math.ceil(variations.n / 2);
      const points = Array.from({ length: variations.n }, (_, point): Offset => {
        const lower = point < perRing;
        const onRing = lower ? perRing : variations.n - perRing;
        const step = (2 * Math.PI) / onRing;
        const angle = lower ? point * step : (point - perRing) * step + step / 2;
        const z = (lower ? -1 : 1) * (variations.heightM / 2);
        return [variations.radiusM * Math.cos(angle), variations.radiusM * Math.sin(angle), z];
      });
      return [centre, ...points];
    }
    case "list":
      return variations.offsetsM;
  }
}

/**
 * Turns an offset given for a particle that travels along +z to one that comes from (zenith, azimuth) in rad, that is travels along
 * theta = pi - zenith, phi = azimuth + pi: by theta about y, then by phi about z.
 */
export function rotateOffset([x, y, z]: Offset, zenithRad: number, azimuthRad: number): Offset {
  const theta = Math.PI - zenithRad;
  const phi = azimuthRad + Math.PI;
  const xTilted = x * Math.cos(theta) + z * Math.sin(theta);
  const zTilted = z * Math.cos(theta) - x * Math.sin(theta);
  return [xTilted * Math.cos(phi) - y * Math.sin(phi), xTilted * Math.sin(phi) + y * Math.cos(phi), zTilted];
}
