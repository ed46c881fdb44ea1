import type { RunnerOptions } from "../process/runner-options.ts";
import { jsonFormat } from "./json-format.ts";
import type { OneshotFormat } from "./oneshot-format.ts";

/** The format that a reco's manifest asks for. @throws RecoError `start-failed` when the startup file does not carry what it needs. */
export async function chooseFormat(options: Pick<RunnerOptions, "reco" | "startupPath">): Promise<OneshotFormat> {
  if (options.reco.manifest.run.format !== "icetray") return jsonFormat;
  // n.b. loaded when it is asked for: IceCube's formats are an eighth of what a client would load, and no other reco wants them of it.
  const { createIcetrayFormat } = await import("./icetray-format.ts");
  return createIcetrayFormat(options);
}
