import type { FleetRequest } from "./request.ts";
import { shellQuoted } from "./shell-words.ts";

/** The clients' variables, as lines of a shell script. A token in a file beats one that the surrounding environment may have. */
export function exportLines({ environment, environmentFiles }: FleetRequest): readonly string[] {
  const variables = { ...environment, ...environmentFiles };
  return [
    ...("SKYSCAN_BROKER_AUTH_FILE" in variables ? ["unset SKYSCAN_BROKER_AUTH"] : []),
    ...Object.entries(variables).map(([name, value]) => `export ${name}=${shellQuoted(value)}`),
  ];
}
