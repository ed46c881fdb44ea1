import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { startSkyscan } from "@skyscan/testing";
import type { SkyscanProcess } from "@skyscan/testing";

/** Many events' scans in one directory, and the commands that a user would type for them. */
export interface ManyScans {
  /** `skyscan scan-many`. */
  many(...more: readonly string[]): SkyscanProcess;
  /** A client of all of them. */
  fleet(...more: readonly string[]): SkyscanProcess;
  /** One of the events alone, elsewhere, with a client of its own. */
  single(eventFile: string, name: string): SkyscanProcess;
  /** What `many` or `single` made of an event, as npz. */
  npz(of: "many" | "single", name: string, file: string): Promise<Buffer>;
  readonly startups: string;
  readonly output: string;
}

export interface ManyScansOptions {
  readonly events: readonly string[];
  /** Flags that every scan has. */
  readonly flags: readonly string[];
  readonly env?: Readonly<Record<string, string | undefined>>;
}

const noBroker = { SKYSCAN_BROKER_ADDRESS: undefined, SKYSCAN_BROKER_AUTH: undefined, SKYSCAN_BROKER_CLIENT: undefined };

export function manyScans(directory: string, { events, flags, env: more }: ManyScansOptions): ManyScans {
  const env = { ...noBroker, SKYSCAN_RESULT_EXTRAS: "no", SKYSCAN_LOG: "info", ...more };
  const startups = join(directory, "startups");
  const output = join(directory, "many");
  const places = (name: string): readonly string[] => {
    return ["--cache-dir", join(directory, `${name}-cache`), "--output-dir", join(directory, name)];
  };
  return {
    startups,
    output,
    many: (...own) =>
      startSkyscan(
        ["scan-many", "--event-files", ...events, "--client-startup-dir", startups, ...places("many"), ...flags, ...own],
        {
          env,
        },
      ),
    fleet: (...own) =>
      startSkyscan(["client", "--client-startup-json", startups, "--wait-for-startup-sec", "120", ...own], { env }),
    single: (eventFile, name) =>
      startSkyscan(["scan", "--event-file", eventFile, "--clients", "1", ...places(join("single", name)), ...flags], { env }),
    npz: (of, name, file) => readFile(join(directory, of, name, file)),
  };
}
