import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { writeFileAtomically } from "@skyscan/runtime";

/** In a directory of startup files that one program fills: whether it has more to come. */
export const moreScansName = "scan-many.json";

export const writeMoreScans = (directory: string, moreToCome: boolean): Promise<void> =>
  writeFileAtomically(join(directory, moreScansName), `${JSON.stringify({ version: 1, moreToCome })}\n`);

/** True: startup files of more scans will come into one of the directories, clients wait for them. False: none will. Undefined: nobody says so. */
export async function readMoreScans(directories: readonly string[]): Promise<boolean | undefined> {
  const said = await Promise.all(directories.map(readOne));
  return said.includes(true) ? true : said.find((more) => more !== undefined);
}

async function readOne(directory: string): Promise<boolean | undefined> {
  try {
    const { moreToCome } = JSON.parse(await readFile(join(directory, moreScansName), "utf8")) as {
      readonly moreToCome?: unknown;
    };
    return typeof moreToCome === "boolean" ? moreToCome : undefined;
  } catch {
    return undefined;
  }
}
