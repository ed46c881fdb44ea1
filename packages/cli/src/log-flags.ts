import type { Argv } from "yargs";
import { logLevels } from "@skyscan/runtime";

/** Of every command. */
export const logFlags = <T>(builder: Argv<T>): Argv<T> =>
  builder
    .option("log-level", { choices: logLevels, describe: "how much is logged (default: SKYSCAN_LOG, else info)" })
    .option("log-format", {
      choices: ["json", "pretty"] as const,
      describe: "form of log lines (default: pretty on a terminal)",
    });
