import { accessSync, constants, readFileSync, readdirSync } from "node:fs";

/** O_CLOEXEC as /proc shows it. */
const closeOnExec = 0o2000000;

/**
 * Closes everything but stdin, stdout and stderr, then becomes the command: same process, same group. Only bash can close files
 * with numbers above 9; what it adds to the environment is taken out again.
 */
const script = `
for file in /proc/self/fd/*; do
  number=\${file##*/}
  if [ "$number" -gt 2 ]; then eval "exec $number>&-"; fi
done
exec /usr/bin/env -u _ -u SHLVL -u PWD -u OLDPWD "$@"
`;

/**
 * Whether a child would inherit open files: ones that this process was itself started with, or that a native library opened.
 * Node's own are all closed in children.
 */
function strayFiles(): boolean {
  try {
    return readdirSync("/proc/self/fdinfo").some((name) => Number(name) > 2 && isInherited(name));
  } catch {
    return false;
  }
}

function isInherited(file: string): boolean {
  try {
    const flags = /^flags:\s+([0-7]+)$/m.exec(readFileSync(`/proc/self/fdinfo/${file}`, "utf8"))?.[1];
    return flags !== undefined && (Number.parseInt(flags, 8) & closeOnExec) === 0;
  } catch {
    return false;
  }
}

/**
 * A command that starts with only stdin, stdout and stderr open: as it is where Node sees to that, else through bash.
 * Where there is no bash, the stray files stay open.
 */
export function withoutStrayFiles(executable: string, args: readonly string[]): readonly [string, readonly string[]] {
  if (!strayFiles()) return [executable, args];
  for (const bash of ["/bin/bash", "/usr/bin/bash"]) {
    try {
      accessSync(bash, constants.X_OK);
      return [bash, ["--norc", "--noprofile", "-c", script, "reco", executable, ...args]];
    } catch {
      continue;
    }
  }
  return [executable, args];
}
