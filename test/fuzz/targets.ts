import type { Target } from "./target.ts";
import { eventTargets } from "./targets/events.ts";
import { fileTargets } from "./targets/files.ts";
import { journalTargets } from "./targets/journal.ts";
import { messageTargets } from "./targets/messages.ts";
import { resultTargets } from "./targets/results.ts";
import { textTargets } from "./targets/texts.ts";

/** Every parser of the product that sees foreign bytes. */
export const targets: readonly Target[] = [
  ...eventTargets,
  ...resultTargets,
  ...fileTargets,
  ...journalTargets,
  ...messageTargets,
  ...textTargets,
];
