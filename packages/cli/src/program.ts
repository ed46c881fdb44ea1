import { fileURLToPath } from "node:url";

/** This program, for children of its own. */
export const program: string = fileURLToPath(new URL("../bin/skyscan.js", import.meta.url));
