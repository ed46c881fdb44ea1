/**
 * What was wrong with an argument.
 * - `nside`: not a power of two between 1 and 2^24
 * - `order`: not an integer between 0 and 24
 * - `pixel`: not a pixel number of that nside
 * - `direction`: colatitude outside [0, pi], or a number that is not finite, or a null vector
 * - `argument`: anything else (radius, step, two nsides that do not fit, a UNIQ number)
 */
export type HealpixErrorCode = "nside" | "order" | "pixel" | "direction" | "argument";

/** Thrown by every function of this package for arguments outside the pixelisation. It is a programming error of the caller, never transient. */
export class HealpixError extends RangeError {
  override readonly name = "HealpixError";
  readonly code: HealpixErrorCode;

  constructor(code: HealpixErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
