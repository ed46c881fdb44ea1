/**
 * Why something of IceCube's could not be read, or used. Closed: callers switch on it, never on the text.
 *
 * | code | meaning | what to do |
 * |---|---|---|
 * | `io` | the file cannot be opened or read | see `cause` |
 * | `truncated` | the bytes end too early | get the file again |
 * | `garbled` | the bytes contradict the format (checksum, lengths, structure) | get the file again |
 * | `unsupported` | a legal form that is not read here: other class versions, foreign pickle opcodes | another file, or a newer program |
 * | `too-large` | over a fixed limit, for instance a decompression bomb | it is no event file |
 * | `missing` | a frame, a key or a module position that is needed is not there | see the message for what there is |
 * | `invalid` | an argument of the caller is not allowed | correct it |
 */
export type IceCubeErrorCode = "io" | "truncated" | "garbled" | "unsupported" | "too-large" | "missing" | "invalid";

/** The one error of this package. The message says where (file, frame, key), what is wrong, and with which value. */
export class IceCubeError extends Error {
  readonly code: IceCubeErrorCode;

  constructor(code: IceCubeErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "IceCubeError";
    this.code = code;
  }
}

/** Runs `action`; an `IceCubeError` out of it gets `place` in front of its message, so that errors name file, frame and key. */
export function within<T>(place: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    if (error instanceof IceCubeError) throw new IceCubeError(error.code, `${place}: ${error.message}`, { cause: error.cause });
    throw error;
  }
}
