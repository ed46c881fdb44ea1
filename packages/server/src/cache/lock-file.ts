import { tryProcessLock } from "@skyscan/runtime";
import { ServerError } from "../errors.ts";

/**
 * Takes the lock of one scan's cache directory. A dead holder of this host is replaced; a live one, or one of another host, is an error
 * unless `takeOver` (which never helps against a live process of this host).
 * @throws ServerError `locked`.
 */
export async function takeLockFile(path: string, takeOver: boolean): Promise<{ release(): Promise<void> }> {
  let attempt: Awaited<ReturnType<typeof tryProcessLock>>;
  try {
    attempt = await tryProcessLock(path, () => takeOver);
  } catch (error) {
    throw new ServerError("storage", `the lock ${path} cannot be made`, { cause: error });
  }
  if (attempt === undefined) {
    throw new ServerError("locked", `the lock ${path} changes hands all the time: is another server starting?`);
  }
  if (attempt.kind === "taken") return attempt;
  const { host, pid } = attempt.holder;
  if (attempt.here) throw new ServerError("locked", `another server (process ${pid} on this host) works on this scan: ${path}`);
  throw new ServerError(
    "locked",
    `a server on host ${host} (process ${pid}) holds ${path}; if it is surely gone, start again with --take-over`,
  );
}
