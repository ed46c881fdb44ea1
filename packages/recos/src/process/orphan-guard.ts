import { spawn } from "node:child_process";
import type { ChildProcessByStdio } from "node:child_process";
import { Socket } from "node:net";
import type { Writable } from "node:stream";

type GuardShell = ChildProcessByStdio<Writable, null, null>;

/**
 * Reads "+ GROUP" and "- GROUP" lines; when its stdin ends, every process group that is still listed is killed, then the directory of the last
 * "= PATH" line removed (again a second later: what was killed may just have written there).
 * The client alone holds the other end of that pipe, so this happens also when the client is killed with SIGKILL.
 */
const script = `
groups=' '
directory=
while read -r word group; do
  case $word in
    +) groups="$groups$group " ;;
    -) groups="\${groups%% $group *} \${groups#* $group }" ;;
    =) directory=$group ;;
  esac
done
for group in $groups; do kill -s KILL -- "-$group"; done
[ -z "$directory" ] || rm -rf -- "$directory" || { sleep 1; rm -rf -- "$directory"; }
`;

/** Kills the process groups of recos, and removes a directory, when this process dies, however it dies: nothing goes on for nobody. */
export interface OrphanGuard {
  /** Starts the guard if there is none: before the process that it is to watch, so that there is hardly a moment without it. */
  ready(): void;
  watch(group: number): void;
  release(group: number): void;
  /** Absolute path of the one directory that goes with this process; undefined: none. */
  removeAtEnd(directory: string | undefined): void;
  close(): void;
}

/** A guard is one small shell in a session of its own, started when it is first needed. */
export function createOrphanGuard(): OrphanGuard {
  let shell: GuardShell | undefined;
  const watched = new Set<number>();
  let doomed: string | undefined;

  const start = (): GuardShell => {
    const child = spawn("/bin/sh", ["-c", script], { detached: true, stdio: ["pipe", "ignore", "ignore"], env: {}, cwd: "/" });
    // Neither the shell nor the pipe to it keeps this process alive.
    child.unref();
    if (child.stdin instanceof Socket) child.stdin.unref();
    // Without a shell, or when somebody kills it, recos run unguarded until the next one starts.
    child.on("error", () => undefined);
    child.stdin.on("error", () => undefined);
    child.on("exit", () => {
      if (shell === child) shell = undefined;
    });
    return child;
  };

  return {
    ready() {
      if (shell !== undefined) return;
      shell = start();
      for (const group of watched) shell.stdin.write(`+ ${group}\n`);
      if (doomed !== undefined) shell.stdin.write(`= ${doomed}\n`);
    },
    watch(group) {
      watched.add(group);
      shell?.stdin.write(`+ ${group}\n`);
    },
    release(group) {
      if (watched.delete(group)) shell?.stdin.write(`- ${group}\n`);
    },
    removeAtEnd(directory) {
      doomed = directory;
      shell?.stdin.write(`= ${directory ?? ""}\n`);
    },
    close() {
      shell?.stdin.end();
      shell = undefined;
    },
  };
}
