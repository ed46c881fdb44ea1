import { randomBytes } from "node:crypto";
import { mkdir, readFile, rm, rmdir } from "node:fs/promises";
import { createConnection, createServer } from "node:net";
import type { Socket } from "node:net";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
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
 * Listens on a Unix socket in a short temporary directory (their paths may have 107 bytes only) and records it in the cache directory, before
 * it is made: whoever holds the scan's lock next removes what a killed server left. One JSON line in, one out. Only this user can reach it.
 * The record stays when the server has ended, without the socket.
 */
export async function openStatusSocket(
  cacheDirectory: string,
  manifest: string,
  answer: StatusAnswer,
): Promise<{ close(): Promise<void> }> {
  await removeLeftSocket(cacheDirectory);
  const record = join(cacheDirectory, socketRecord);
  const directory = join(tmpdir(), `skyscan-${randomBytes(8).toString("hex")}`);
  const path = join(directory, "socket");
  await writeRecord(record, { socket: path, pid: process.pid, manifest });
  await mkdir(directory, { mode: 0o700 });
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
  return {
    async close() {
      for (const socket of open) socket.destroy();
      await new Promise<void>((resolve) => void server.close(() => resolve()));
      await rm(directory, { recursive: true, force: true });
      // A full disk is no reason to leave a record of a socket behind.
      await writeRecord(record, { manifest }).catch(() => rm(record, { force: true }));
    },
  };
}

/**
 * For who holds the scan's lock: a socket that is still recorded is of a server that was killed. Nothing but that socket and its directory is
 * ever removed.
 */
export async function removeLeftSocket(cacheDirectory: string): Promise<void> {
  const record = join(cacheDirectory, socketRecord);
  const { socket, manifest } = recordIn(await readFile(record, "utf8").catch(() => "{}"));
  if (typeof socket !== "string") return;
  if (/^skyscan-[0-9a-f]{16}$/.test(basename(dirname(socket)))) {
    await rm(socket, { force: true }).catch(() => undefined);
    await rmdir(dirname(socket)).catch(() => undefined);
  }
  await writeRecord(record, { manifest });
}

const writeRecord = (path: string, record: object): Promise<void> =>
  writeFileAtomically(path, `${JSON.stringify(record)}\n`, 0o600);

function recordIn(text: string): { readonly socket?: unknown; readonly manifest?: unknown } {
  try {
    return (JSON.parse(text) ?? {}) as { readonly socket?: unknown; readonly manifest?: unknown };
  } catch {
    return {};
  }
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
