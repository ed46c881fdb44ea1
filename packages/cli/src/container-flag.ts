import { containerModes } from "@skyscan/recos/settings";
import type { Argv } from "yargs";

/** Of every command that runs recos. */
export const containerFlag = <T>(yargs: Argv<T>): Argv<T> =>
  yargs.option("container", {
    choices: containerModes,
    describe: "how recos that have an image are run (default: SKYSCAN_CONTAINER, else auto)",
  });
