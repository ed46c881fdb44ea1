/**
 * What the end of a client means for whoever started it:
 *
 *     done       nothing is left to do: it is not started again
 *     again      chance, or a moment's trouble: it is started again, {@link maxRetries} times at most
 *     elsewhere  this host is no good: it rests for {@link restSec}, and is started again on another where there is one
 *     never      nothing gets better until a person has done something: it is held for that person, or left alone
 */
export type EndMeaning = "done" | "again" | "elsewhere" | "never";

/** The exit statuses of `skyscan client`, and what each means: every batch system's policy is derived from this table. */
export const clientEnds: readonly { readonly status: number; readonly meaning: EndMeaning; readonly why: string }[] = [
  { status: 0, meaning: "done", why: "the scan ended" },
  { status: 1, meaning: "again", why: "it broke: a bug" },
  { status: 2, meaning: "never", why: "wrong usage, no startup file, or the broker refuses what it was given" },
  { status: 3, meaning: "done", why: "nothing came for the idle limit" },
  { status: 4, meaning: "again", why: "the broker was lost" },
  { status: 5, meaning: "again", why: "stopped by a signal" },
  { status: 6, meaning: "elsewhere", why: "its scratch directory cannot be written" },
  { status: 7, meaning: "elsewhere", why: "told to leave, or its recos cannot start there" },
];

/** How often a client that ended by chance is started again. */
export const maxRetries = 10;

/** How long a client rests before it is started again elsewhere, seconds. */
export const restSec = 300;

/** Those statuses, ascending. */
export const statusesMeaning = (...meanings: readonly EndMeaning[]): readonly number[] =>
  clientEnds.filter(({ meaning }) => meanings.includes(meaning)).map(({ status }) => status);

/** `status`: undefined or null for a client that was killed. Whatever the table does not know was chance: a shell that could not start it, a crash. */
export const meaningOf = (status: number | null | undefined): EndMeaning =>
  clientEnds.find((end) => end.status === status)?.meaning ?? "again";

export const whyOf = (status: number): string =>
  clientEnds.find((end) => end.status === status)?.why ?? "not a status of skyscan client: it could not be started";
