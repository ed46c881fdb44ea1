import type { RunnerOptions } from "../process/runner-options.ts";
import { createIcetrayFormat } from "./icetray-format.ts";
import { jsonFormat } from "./json-format.ts";
import type { OneshotFormat } from "./oneshot-format.ts";

/** The format that a reco's manifest asks for. @throws RecoError `start-failed` when the startup file does not carry what it needs. */
export async function chooseFormat(options: Pick<RunnerOptions, "reco" | "startupPath">): Promise<OneshotFormat> {
  return options.reco.manifest.run.format === "icetray" ? createIcetrayFormat(options) : jsonFormat;
}
