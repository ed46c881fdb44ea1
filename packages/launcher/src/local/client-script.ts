import { exportLines } from "../export-lines.ts";
import { clientWords } from "../request.ts";
import type { FleetRequest } from "../request.ts";
import { shellQuoted } from "../shell-words.ts";

/** One client on this machine, as a script that a person may run, too. */
export function clientScript(request: FleetRequest): string {
  const { program } = request;
  const command = program.kind === "installed" ? program.command : [`${program.path}/bin/skyscan`];
  const words = clientWords(
    request,
    request.startup.map(({ path }) => path),
  );
  return [
    "#!/bin/sh",
    `# One client of ${request.scanIds.join(", ")}; made by skyscan start-clients, ${request.started}. No secret is in here.`,
    ...exportLines(request),
    `exec ${[...command, ...words].map(shellQuoted).join(" ")}`,
    "",
  ].join("\n");
}
