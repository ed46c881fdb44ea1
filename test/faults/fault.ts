import type { Random } from "@skyscan/simulation";
import type { Stage } from "./stage.ts";

/** When and with what chance numbers a fault strikes. */
export interface Blow {
  /** Part of the undisturbed scan's journal that is written when it strikes, in [0, 1). */
  readonly at: number;
  /** This blow's own: draws of one fault never change those of another. */
  readonly random: Random;
}

/** One kind of trouble. What it breaks it mends; the scan then has to come to its end by itself. */
export interface Fault {
  readonly name: string;
  /** For the table's reader: what is done, in a few words. */
  readonly what: string;
  /** How many times it lies in the deck that runs are dealt from: what takes long is dealt seldom. */
  readonly weight: number;
  /** What the broker must be: a process of its own, or one that can say that it takes nothing. Absent: any. */
  readonly needs?: "broker" | "alarm";
  /** Why it cannot be done on this machine, or undefined when it can. */
  missing?(): Promise<string | undefined>;
  /** Before any process starts. */
  prepare?(stage: Stage, blow: Blow): Promise<void>;
  /** Resolves true when it struck and all is mended, false when the scan was over before. */
  strike(stage: Stage, blow: Blow): Promise<boolean>;
}
