import { copyFile, mkdir, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { UsageError, codeOf, makeDirectory, writeFileAtomically } from "@skyscan/runtime";
import type { BatchSystem, FleetClient, FleetFiles, LaunchContext, Submission } from "./batch-system.ts";
import { writeFleetRecord } from "./fleet-record.ts";
import type { FleetRecord } from "./fleet-record.ts";
import { batchSystem } from "./registry.ts";
import { tokenFileOf } from "./request.ts";
import type { FleetRequest } from "./request.ts";

/** Where a copy of the token is, when one has to be made. */
export const tokenCopyIn = (directory: string): string => join(directory, "broker-token");

/** @throws UsageError with all that the batch system cannot do. */
export function checkRequest(system: BatchSystem, request: FleetRequest): void {
  const problems = system.problems(request);
  if (problems.length > 0) throw new UsageError(problems);
}

/** False when it is there: another fleet was started in the same second. @throws UsageError when it cannot be made. */
export async function makeFleetDirectory(directory: string): Promise<boolean> {
  try {
    await makeDirectory(dirname(directory));
    return await mkdir(directory).then(
      () => true,
      (error: unknown) => {
        if (codeOf(error) === "EEXIST") return false;
        throw error;
      },
    );
  } catch (error) {
    throw new UsageError(`--logs-directory: ${directory} cannot be made`, { cause: error });
  }
}

/** Writes what the batch system is given; returns where the main file is. `copy`: of the main file, for the user. */
export async function writeFleetFiles(files: FleetFiles, directory: string, copy: string | undefined): Promise<string> {
  for (const { name, text, mode } of [files.main, ...files.others]) await writeFileAtomically(join(directory, name), text, mode);
  const main = join(directory, files.main.name);
  if (copy !== undefined) {
    await copyFile(main, copy).catch((error: unknown) => {
      throw new UsageError(`--submit-file-only ${copy} cannot be written (${codeOf(error) ?? "?"})`, { cause: error });
    });
  }
  return main;
}

/** Hands the fleet to its batch system and writes down that it did. A copy of the token does not outlive a submission that failed. */
export async function submitFleet(
  system: BatchSystem,
  request: FleetRequest,
  mainFile: string,
  context: LaunchContext,
): Promise<Submission> {
  const token = tokenFileOf(request);
  const tokenCopy = token === tokenCopyIn(request.directory) ? basename(token) : null;
  const { attended, ...submission } = await system.submit(request, mainFile, context).catch(async (error: unknown) => {
    await removeTokenCopy({ directory: request.directory, tokenCopy });
    throw error;
  });
  const record: FleetRecord = {
    version: 1,
    system: system.name,
    started: request.started,
    directory: request.directory,
    jobs: request.jobs,
    slotsPerClient: request.slotsPerClient,
    scanIds: request.scanIds,
    startup: request.startup.map(({ path }) => path),
    id: submission.id,
    tokenCopy,
  };
  await writeFleetRecord(record, context.logger);
  if (attended === undefined) return submission;
  return { ...submission, attended: () => attended().finally(() => removeTokenCopy(record)) };
}

/** What became of the clients. Once all have ended, the fleet's copy of the token goes. */
export async function fleetStatus(record: FleetRecord, context: LaunchContext): Promise<readonly FleetClient[]> {
  const clients = await batchSystem(record.system).status(record, context);
  if (clients.length > 0 && clients.every(({ state }) => state === "ended")) await removeTokenCopy(record);
  return clients;
}

/** Takes the clients away, and the fleet's copy of the token. */
export async function stopFleet(record: FleetRecord, context: LaunchContext): Promise<string> {
  const said = await batchSystem(record.system).stop(record, context);
  await removeTokenCopy(record);
  return said;
}

async function removeTokenCopy(record: Pick<FleetRecord, "directory" | "tokenCopy">): Promise<void> {
  if (record.tokenCopy !== null) await rm(join(record.directory, basename(record.tokenCopy)), { force: true });
}
