import { IceCubeError } from "@skyscan/icecube";
import { RecoError } from "@skyscan/recos";
import { SkymapError } from "@skyscan/skymap";
import { UsageError } from "@skyscan/runtime";

/** Runs what reads the user's input: a family's error about that input becomes a UsageError (status 2, no stack). */
export async function usingInput<T>(read: () => T | Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof SkymapError && error.code === "convention") throw new UsageError(`${error.message} (--dec-convention)`);
    if (error instanceof IceCubeError || error instanceof RecoError || error instanceof SkymapError)
      throw new UsageError(error.message, { cause: error.cause });
    throw error;
  }
}
