import { spawn } from "node:child_process";
import { once } from "node:events";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { IceCubeError } from "../errors.ts";

/**
 * Through the program `bzip2`: there is no kept library of a fit licence that packs, and this one streams both ways.
 * @throws IceCubeError `unsupported` when the program is not installed, `truncated` or `garbled` when it refuses the data
 */
async function* bzip2Program(
  pieces: AsyncIterable<Uint8Array>,
  words: readonly string[],
): AsyncGenerator<Uint8Array, void, undefined> {
  const child = spawn("bzip2", [...words], { stdio: ["pipe", "pipe", "pipe"] });
  let complaint = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => (complaint = `${complaint}${text}`.slice(0, 1000)));
  const ended = once(child, "close") as Promise<[status: number | null]>;
  ended.catch(() => undefined);
  let inputProblem: unknown;
  const feeding = pipeline(Readable.from(pieces, { objectMode: false }), child.stdin).catch((error: unknown) => {
    inputProblem = error;
  });
  try {
    yield* child.stdout as AsyncIterable<Uint8Array>;
    const [status] = await ended;
    await feeding;
    if (status === 0) return;
    if (inputProblem instanceof IceCubeError) throw inputProblem;
    const why = complaint.trim().replaceAll(/\s+/g, " ");
    throw new IceCubeError(/ends unexpectedly/i.test(why) ? "truncated" : "garbled", `no valid bzip2 data (${why})`);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") {
      throw new IceCubeError("unsupported", "reading and writing bzip2 takes the program bzip2, which is not installed here", {
        cause: error,
      });
    }
    throw error;
  } finally {
    child.kill("SIGKILL");
  }
}

export const bzip2 = (pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> =>
  bzip2Program(pieces, ["-c", "-q"]);

export const bunzip2 = (pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> =>
  bzip2Program(pieces, ["-d", "-c"]);
