import { spawnSync } from "node:child_process";
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

/** Programs that the docs call by name. */
const named = "skyscan npx npm node docker git sudo systemctl install tar cat openssl id".split(" ");
/** And by path. */
const placed = [
  ...["launch_scripts/docker/launch_server.sh", "launch_scripts/docker/launch_client.sh", "launch_scripts/wait_for_file.sh"],
  ...["brokers/rabbitmq/set-up.sh", "brokers/pulsar/set-up.sh"],
].map((path) => `resources/${path}`);
/** All of them, in the places where lines look for them. */
const recorders = [
  ...named.map((name) => `bin/${name}`),
  ...placed,
  "skyscan-0/bin/skyscan",
  "packages/recos/build/pandel_test",
  "bin/pulsar",
];

/** A bash that understands lines as it would for a user, but calls nothing: every program writes down how it was called. */
export interface DocsShell {
  /** The programs of one line, each with its arguments. @throws Error that holds what bash said, for a line that it does not understand */
  read(line: string): Promise<readonly (readonly string[])[]>;
  remove(): Promise<void>;
}

const record = '#!/bin/bash\nprintf "%s\\0" "$0" "$@" $\'\\n\' >>"$DOCS_RECORD"\n';

export async function createDocsShell(): Promise<DocsShell> {
  const directory = await mkdtemp(join(tmpdir(), "skyscan-docs-"));
  for (const recorder of recorders) {
    await mkdir(dirname(join(directory, recorder)), { recursive: true });
    await writeFile(join(directory, recorder), record);
    await chmod(join(directory, recorder), 0o755);
  }
  for (const place of ["skyscan", "conf"]) await mkdir(join(directory, place), { recursive: true });
  const recorded = join(directory, "record");
  return {
    async read(line) {
      await writeFile(recorded, "");
      const env = { PATH: join(directory, "bin"), HOME: directory, DOCS_RECORD: recorded };
      const { status, stderr } = spawnSync("/bin/bash", ["-c", `${line}\nwait`], { cwd: directory, env, encoding: "utf8" });
      if (status !== 0 || stderr !== "") throw new Error(`bash does not understand: ${line}\n${stderr}`);
      const calls = (await readFile(recorded, "utf8")).split("\0\n\0").filter((call) => call !== "");
      return calls.map((call) =>
        call
          .replace(`${directory}/`, "")
          .replace(/^bin\//, "")
          .split("\0"),
      );
    },
    remove: () => rm(directory, { recursive: true, force: true }),
  };
}
