import { readFileSync } from "node:fs";
import { dataPath } from "@skyscan/testing";

export const eventFiles: readonly string[] = [
  "event_HESE_2017-11-28.json",
  "hese_event_00.json",
  "hese_event_01.json",
  "run00136662-evt000035405932-BRONZE.pkl",
];

export const recos: readonly string[] = ["millipede_original", "millipede_wilks", "splinempe", "splinempe_pointed"];

export const eventBytes = (file: string): Uint8Array => readFileSync(dataPath(`events/${file}`));

export const json = (relative: string): unknown => JSON.parse(readFileSync(dataPath(relative), "utf8"));
