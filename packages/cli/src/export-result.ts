import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { serverSettingTable } from "@skyscan/server/settings";
import type { ScanEnd } from "@skyscan/server";
import { messageOf, readSettings } from "@skyscan/runtime";
import type { Logger } from "@skyscan/runtime";
import { program } from "./program.ts";

/**
 * Makes what goes with a finished scan's result (maps, contours, pictures) in a process of its own: a fine whole sky takes memory that a server
 * never does. `SKYSCAN_RESULT_EXTRAS=no`: not at all. The scan is over and its result is written: trouble here is a warning.
 */
export async function exportResult(end: ScanEnd, logger: Logger): Promise<ScanEnd> {
  const npz = end.files.find((file) => file.endsWith(".npz"));
  if (npz === undefined || (end.status !== 0 && end.status !== 3)) return end;
  if (!readSettings(serverSettingTable, []).resultExtras) return end;
  try {
    const { stdout } = await promisify(execFile)(process.execPath, [program, "result", "export", npz], {
      maxBuffer: 16 * 1024 * 1024,
    });
    return { ...end, files: [...end.files, ...stdout.split("\n").filter((line) => line !== "")] };
  } catch (error) {
    logger.warn({ reason: messageOf(error) }, "maps and pictures could not be made; skyscan result export makes them later");
    return end;
  }
}
