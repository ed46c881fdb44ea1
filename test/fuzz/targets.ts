import type { Target } from "./target.ts";
import { eventTargets } from "./targets/events.ts";
import { i3FileTargets } from "./targets/i3-files.ts";
import { fileTargets } from "./targets/files.ts";
import { journalTargets } from "./targets/journal.ts";
import { messageTargets } from "./targets/messages.ts";
import { resultTargets } from "./targets/results.ts";
import { textTargets } from "./targets/texts.ts";

/** Every parser of the product that sees foreign bytes. */
export const targets: readonly Target[] = [
  ...eventTargets,
  ...i3FileTargets,
  ...resultTargets,
  ...fileTargets,
  ...journalTargets,
  ...messageTargets,
  ...textTargets,
];
