import { spawn } from "node:child_process";
import { mkdir, readdir } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { bestFit, readSkymapFile } from "@skyscan/skymap";
import type { Skymap } from "@skyscan/skymap";

const program = fileURLToPath(new URL("../../packages/cli/bin/skyscan.js", import.meta.url));

export interface WholeScan {
  readonly eventFile: string;
  readonly reco: string;
  readonly recoOptions?: readonly string[];
  /** Made if missing; the scan resumes from what is there. */
  readonly directory: string;
  readonly clients: number;
}

export interface ScanMinimum {
  readonly raRad: number;
  readonly decRad: number;
  readonly llh: number;
  readonly skymap: Skymap;
}

/** `skyscan scan` with the default progression, as a user runs it. @throws Error with its last words when it does not end well */
export async function scanWhole({ eventFile, reco, recoOptions = [], directory, clients }: WholeScan): Promise<ScanMinimum> {
  const output = join(directory, "out");
  await mkdir(output, { recursive: true });
  const args = ["scan", "--event-file", eventFile, "--reco-algo", reco, "--nsides", "8:0", "64:12", "512:24"];
  args.push("--cache-dir", join(directory, "cache"), "--output-dir", output, "--clients", String(clients), "--log-level", "warn");
  for (const option of recoOptions) args.push("--reco-option", option);
  const child = spawn(process.execPath, [program, ...args], { stdio: ["ignore", "ignore", "pipe"] });
  let log = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => void (log = (log + text).slice(-4000)));
  const status = await new Promise<number | null>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", resolve);
  });
  if (status !== 0) throw new Error(`the scan of ${eventFile} with ${reco} ended with status ${status}:\n${log}`);
  const npz = (await readdir(output)).find((name) => name.endsWith("_8_64_512.npz"));
  if (npz === undefined) throw new Error(`the scan of ${eventFile} with ${reco} left no _8_64_512.npz in ${output}`);
  const skymap = await readSkymapFile(join(output, npz));
  const best = bestFit(skymap);
  if (best === undefined) throw new Error(`the scan of ${eventFile} with ${reco} has no successful fit`);
  return { raRad: best.raRad, decRad: best.decRad, llh: best.llh, skymap };
}
