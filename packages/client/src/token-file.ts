import { constants } from "node:fs";
import { open } from "node:fs/promises";
import type { FileHandle } from "node:fs/promises";
import { BrokerError } from "@skyscan/broker";

/** No token is longer, bytes; signed ones (OAuth) have a few thousand. */
const maxTokenBytes = 16 * 1024;

const wayOut = "give the token in SKYSCAN_BROKER_AUTH or SKYSCAN_BROKER_AUTH_FILE";

/**
 * The token in the file that a startup file names. Whoever wrote the startup file also chose where the token is sent, so the file must be his own
 * (nobody makes a client read what he could not read himself), and what a token file is: one line of text.
 * @throws BrokerError `refused-credentials` that names the file, never what is in it, and the way out.
 */
export async function readTokenFile(path: string, startupOwner: number): Promise<string> {
  const refuse = (why: string, cause?: unknown): never => {
    throw new BrokerError("refused-credentials", `the broker's token file ${path} ${why}; ${wayOut}`, { cause });
  };
  let file: FileHandle;
  try {
    // A pipe that nobody writes to must not hold the client up.
    file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    return refuse("cannot be read", error);
  }
  try {
    const about = await file.stat();
    if (!about.isFile()) return refuse("is no regular file");
    if (about.uid !== startupOwner) {
      return refuse(`belongs to another user (${about.uid}) than the startup file that names it (${startupOwner})`);
    }
    if (about.size > maxTokenBytes) return refuse(`has ${about.size} bytes, a token at most ${maxTokenBytes}`);
    const token = (await file.readFile("utf8")).replace(/\r?\n$/, "");
    return /^[^\p{Cc}]+$/u.test(token) ? token : refuse("does not hold a token: one line of text");
  } finally {
    await file.close();
  }
}
