import { spawn } from "node:child_process";
import type { ChildProcessByStdio } from "node:child_process";
import { Socket } from "node:net";
import type { Writable } from "node:stream";
import type { ContainerHandle } from "../container/container-handle.ts";

type GuardShell = ChildProcessByStdio<Writable, null, null>;

/**
 * Reads "+ GROUP" and "- GROUP" lines; when its stdin ends, every process group that is still listed is killed, then every container of the
 * "@ NAME" lines that has no "~ NAME" (by the engine of the "! PATH" line; again two seconds later: an engine may just have made one), then the
 * directory of the last "= PATH" line removed (again a second later: what was killed may just have written there).
 * The client alone holds the other end of that pipe, so this happens also when the client is killed with SIGKILL.
 */
const script = `
groups=' '
containers=' '
engine=
directory=
while read -r word group; do
  case $word in
    +) groups="$groups$group " ;;
    -) groups="\${groups%% $group *} \${groups#* $group }" ;;
    @) containers="$containers$group " ;;
    ~) containers="\${containers%% $group *} \${containers#* $group }" ;;
    !) engine=$group ;;
    =) directory=$group ;;
  esac
done
for group in $groups; do kill -s KILL -- "-$group"; done
remove() {
  for name in $containers; do
    "$engine" kill --signal=SIGKILL "$name"
    "$engine" rm --force "$name"
  done
}
[ "$containers" = ' ' ] || { remove; sleep 2; remove; }
[ -z "$directory" ] || rm -rf -- "$directory" || { sleep 1; rm -rf -- "$directory"; }
`;

/** Kills the process groups and containers of recos, and removes a directory, when this process dies, however it dies: nothing goes on for nobody. */
export interface OrphanGuard {
  /**
   * Starts the guard if there is none: before the process that it is to watch, so that there is hardly a moment without it. `container`: what is
   * to be watched is one, and all that ever will be are of its engine.
   */
  ready(container?: ContainerHandle): void;
  watch(group: number): void;
  release(group: number): void;
  watchContainer(name: string): void;
  releaseContainer(name: string): void;
  /** Absolute path of the one directory that goes with this process; undefined: none. */
  removeAtEnd(directory: string | undefined): void;
  close(): void;
}

/** A guard is one small shell in a session of its own, started when it is first needed. */
export function createOrphanGuard(): OrphanGuard {
  let shell: GuardShell | undefined;
  const watched = new Set<number>();
  const containers = new Set<string>();
  let doomed: string | undefined;

  const start = (engine: ContainerHandle["engine"] | undefined): GuardShell => {
    const env = { ...engine?.environment };
    const child = spawn("/bin/sh", ["-c", script], { detached: true, stdio: ["pipe", "ignore", "ignore"], env, cwd: "/" });
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
    ready(container) {
      if (shell !== undefined) return;
      shell = start(container?.engine);
      if (container !== undefined) shell.stdin.write(`! ${container.engine.executable}\n`);
      for (const name of containers) shell.stdin.write(`@ ${name}\n`);
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
    watchContainer(name) {
      containers.add(name);
      shell?.stdin.write(`@ ${name}\n`);
    },
    releaseContainer(name) {
      if (containers.delete(name)) shell?.stdin.write(`~ ${name}\n`);
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
