import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { createConnection, createServer } from "node:net";
import type { Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { UsageError, messageOf, writeFileAtomically } from "@skyscan/runtime";

/** What may be asked over a running server's socket. */
export interface StatusQuestion {
  readonly ask: "status" | "stop" | "finish-now" | "unit";
  /** For `unit`: its id. */
  readonly unit?: string;
}

export type StatusAnswer = (question: StatusQuestion) => object;

/** File in a scan's cache directory that says where its manifest is, and the socket of its server while that runs. */
export const socketRecord = "server-socket.json";

/**
 * Listens on a Unix socket in a short temporary directory (their paths may have 107 bytes only) and records it in the cache directory.
 * One JSON line in, one out. Only this user can reach it. The record stays when the server has ended, without the socket.
 */
export async function openStatusSocket(
  cacheDirectory: string,
  manifest: string,
  answer: StatusAnswer,
): Promise<{ close(): Promise<void> }> {
  const directory = await mkdtemp(join(tmpdir(), "skyscan-"));
  const path = join(directory, randomBytes(4).toString("hex"));
  const open = new Set<Socket>();
  const server = createServer((socket) => {
    open.add(socket);
    socket.on("close", () => open.delete(socket));
    socket.on("error", () => socket.destroy());
    createInterface({ input: socket }).once("line", (line) => {
      socket.end(`${JSON.stringify(reply(line, answer))}\n`);
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(path, resolve);
  });
  const record = join(cacheDirectory, socketRecord);
  const write = (fields: object): Promise<void> =>
    writeFileAtomically(record, `${JSON.stringify({ ...fields, manifest })}\n`, 0o600);
  await write({ socket: path, pid: process.pid });
  return {
    async close() {
      // A full disk is no reason to leave the socket behind.
      await write({}).catch(() => rm(record, { force: true }));
      for (const socket of open) socket.destroy();
      await new Promise<void>((resolve) => void server.close(() => resolve()));
      await rm(directory, { recursive: true, force: true });
    },
  };
}

function reply(line: string, answer: StatusAnswer): object {
  try {
    return answer(JSON.parse(line) as StatusQuestion);
  } catch (error) {
    return { error: messageOf(error) };
  }
}

/** Asks a running server. @throws UsageError when nobody answers there. */
export async function askStatus(socketPath: string, question: StatusQuestion): Promise<unknown> {
  const socket = createConnection(socketPath);
  try {
    await new Promise<void>((resolve, reject) => {
      socket.once("connect", resolve);
      socket.once("error", reject);
    });
    socket.write(`${JSON.stringify(question)}\n`);
    for await (const line of createInterface({ input: socket })) return JSON.parse(line);
    throw new UsageError(`the server at ${socketPath} did not answer`);
  } catch (error) {
    throw error instanceof UsageError ? error : new UsageError(`no server answers at ${socketPath}`, { cause: error });
  } finally {
    socket.destroy();
  }
}
