const hex = (byte: number): string => `=${byte.toString(16).toUpperCase().padStart(2, "0")}`;

/**
 * A name as one token of a subject, and as the name of a stream: what is no letter, digit, - or _ is written as =XX.
 * n.b. not as %XX: the server formats the subjects of acks with the name as a pattern.
 */
const tokenOf = (name: string): string => name.replace(/[^A-Za-z0-9_-]/gu, (mark) => [...Buffer.from(mark)].map(hex).join(""));

/** The stream behind a queue or a control channel. */
export const streamOf = (name: string): string => tokenOf(name);
/** The one durable consumer of a queue's stream, which all who consume the queue share. */
export const consumerName = "consumers";

/** Where messages of a queue are asked for. */
export const pullSubject = (queue: string): string => `$JS.API.CONSUMER.MSG.NEXT.${streamOf(queue)}.${consumerName}`;

export const queueSubject = (queue: string): string => `skyscan.queue.${tokenOf(queue)}`;
export const controlSubject = (control: string): string => `skyscan.control.${tokenOf(control)}`;

/** Holds one message per lock that is held. Shared by all scans of an account, and never removed. */
export const lockStream = "skyscan-locks";
export const lockSubject = (lock: string): string => `skyscan.lock.${tokenOf(lock)}`;
export const everyLock = "skyscan.lock.*";
/** Whoever holds a lock answers here. */
export const holderSubject = (holder: string): string => `skyscan.holder.${holder}`;
