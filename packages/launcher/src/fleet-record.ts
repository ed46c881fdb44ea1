import { appendFile, readFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import { UsageError, codeOf, messageOf, parseForeignJson, writeFileAtomically } from "@skyscan/runtime";
import type { Logger } from "@skyscan/runtime";
import { z } from "zod";

/** What was submitted. Holds no secret. */
export interface FleetRecord {
  readonly version: 1;
  /** The batch system's name. */
  readonly system: string;
  readonly started: string;
  readonly directory: string;
  readonly jobs: number;
  readonly slotsPerClient: number;
  readonly scanIds: readonly string[];
  readonly startup: readonly string[];
  /** What the batch system calls it. */
  readonly id: Readonly<Record<string, string | number>>;
  /** The name of a copy of the broker's token that was made for this fleet, and goes with it. */
  readonly tokenCopy: string | null;
}

const fleetRecordSchema: z.ZodType<FleetRecord> = z.object({
  version: z.literal(1),
  system: z.string(),
  started: z.string(),
  directory: z.string(),
  jobs: z.int().positive(),
  slotsPerClient: z.int().positive(),
  scanIds: z.array(z.string()),
  startup: z.array(z.string()),
  id: z.record(z.string(), z.union([z.string(), z.number()])),
  tokenCopy: z.string().nullable(),
});

const recordName = "fleet.json";

/** One line for each fleet of a startup file, beside it. No `.json`: a directory's `*.json` are startup files. */
const fleetsBeside = (startupPath: string): string => `${startupPath}.fleets`;

/** Writes the record into the fleet's directory, and a line that leads there beside each startup file. */
export async function writeFleetRecord(record: FleetRecord, logger: Logger): Promise<void> {
  await writeFileAtomically(join(record.directory, recordName), `${JSON.stringify(record, null, 2)}\n`);
  const line = `${JSON.stringify({ started: record.started, system: record.system, jobs: record.jobs, directory: record.directory, id: record.id })}\n`;
  for (const path of record.startup) {
    // The clients are on their way: who may not write there names the fleet's directory instead.
    await appendFile(fleetsBeside(path), line).catch((error: unknown) => {
      logger.warn({ path: fleetsBeside(path), reason: messageOf(error) }, "The fleet cannot be noted beside the startup file");
    });
  }
}

/** @throws UsageError when there is none, or it cannot be read. */
export async function readFleetRecord(directory: string): Promise<FleetRecord> {
  const path = join(directory, recordName);
  try {
    return fleetRecordSchema.parse(parseForeignJson(await readFile(path, "utf8")));
  } catch (error) {
    if (codeOf(error) === "ENOENT")
      throw new UsageError(
        `${directory} is no fleet's directory: there is no ${recordName} in it (start-clients makes skyscan-TIME in its --logs-directory)`,
      );
    throw new UsageError(`${path} cannot be read`, { cause: error });
  }
}

/** The directories of the fleets that were started for a startup file, oldest first. Those that are gone are left out. */
export async function fleetsOfStartup(startupPath: string): Promise<readonly string[]> {
  const text = await readFile(fleetsBeside(startupPath), "utf8").catch((error: unknown) => {
    if (codeOf(error) === "ENOENT") return "";
    throw new UsageError(`${fleetsBeside(startupPath)} cannot be read`, { cause: error });
  });
  const directories = text.split("\n").flatMap((line) => {
    try {
      return [z.object({ directory: z.string() }).parse(parseForeignJson(line)).directory];
    } catch {
      return [];
    }
  });
  const there = await Promise.all(directories.map(isFleet));
  return [...new Set(directories.filter((_, index) => there[index]))];
}

const isFleet = (directory: string): Promise<boolean> =>
  readdir(directory).then(
    (names) => names.includes(recordName),
    () => false,
  );
