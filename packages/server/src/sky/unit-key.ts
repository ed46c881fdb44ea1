/** Which pixel, in ring ordering. */
export interface PixelKey {
  readonly nside: number;
  readonly pixel: number;
}

/** Which fit: a pixel from one of its starting vertices. */
export interface UnitKey extends PixelKey {
  readonly posvar: number;
}
