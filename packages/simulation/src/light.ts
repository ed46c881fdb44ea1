/** How a source's light comes to one module. */
export interface LightAtModule {
  /** Of the module from the source: perpendicular to a track, straight to a cascade. */
  readonly distanceM: number;
  /** Arrival time of unscattered light. */
  readonly geometricNs: number;
  /** Direction of unscattered light at the module, +1 = upwards, into the module's face. */
  readonly cosEta: number;
  /** Distance that stands for the amount of scattering, the orientation of the module included (d_eff). */
  readonly effectiveM: number;
  /** Of the gamma (Pandel) distribution of delays: xi = d_eff / lambda. */
  readonly shape: number;
  /** Light into this direction, 1 where a source shines the same all around. */
  readonly emission: number;
}

/** What a module's orientation adds to d_eff: light from behind has to be scattered into the face (astro-ph/0407044, section 3.2.3). */
export const orientationM = (cosEta: number): number => 3.1 - 3.9 * cosEta + 4.6 * cosEta ** 2;

/** Unit vector of travel of a particle that comes from (zenith, azimuth). */
export function travelDirection(zenithRad: number, azimuthRad: number): [x: number, y: number, z: number] {
  const s = Math.sin(zenithRad);
  return [-s * Math.cos(azimuthRad), -s * Math.sin(azimuthRad), -Math.cos(zenithRad)];
}
