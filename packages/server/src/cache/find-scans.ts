import { createReadStream } from "node:fs";
import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import { createFrameReader } from "../journal/frames.ts";
import { decodeRecord } from "../journal/records.ts";
import { socketRecord } from "./status-socket.ts";

/** The journal of a scan, in its directory. */
export const journalName = "journal";

/** A scan that left its place in a cache directory. */
export interface FoundScan {
  readonly event: string;
  readonly directory: string;
  readonly scanId: string;
  /** Socket of its running server; undefined when none runs (or its server was killed and left the record: then nobody answers). */
  readonly socket: string | undefined;
  /** Where its last server wrote (or writes) the manifest; undefined when that was before this was recorded. */
  readonly manifest: string | undefined;
}

/** Every scan below a cache directory, newest last. An empty list when there is none. */
export async function findScans(cacheDir: string): Promise<readonly FoundScan[]> {
  const found: FoundScan[] = [];
  for (const event of await names(cacheDir)) {
    for (const digest of await names(join(cacheDir, event))) {
      const directory = join(cacheDir, event, digest);
      const scanId = await scanIdOf(join(directory, journalName));
      if (scanId !== undefined) found.push({ event, directory, scanId, ...(await recordOf(directory)) });
    }
  }
  return found;
}

const names = (directory: string): Promise<string[]> =>
  readdir(directory).then(
    (list) => list.sort(),
    () => [],
  );

/** The journal's first record says whose it is. */
async function scanIdOf(journal: string): Promise<string | undefined> {
  let scanId: string | undefined;
  const reader = createFrameReader((payload) => {
    const record = decodeRecord(payload);
    if (record.type === "header") scanId ??= record.scanId;
  });
  try {
    for await (const chunk of createReadStream(journal, { end: 65_535 })) reader.push(chunk as Buffer);
    reader.end();
  } catch {
    return scanId;
  }
  return scanId;
}

async function recordOf(directory: string): Promise<Pick<FoundScan, "socket" | "manifest">> {
  try {
    const { socket, manifest } = JSON.parse(await readFile(join(directory, socketRecord), "utf8")) as Record<string, unknown>;
    return {
      socket: typeof socket === "string" ? socket : undefined,
      manifest: typeof manifest === "string" ? manifest : undefined,
    };
  } catch {
    return { socket: undefined, manifest: undefined };
  }
}
