export interface IdleLimits {
  /** Until the first unit, seconds. */
  readonly firstMessageSec: number;
  /** After that, seconds. */
  readonly idleSec: number;
}

/** A limit that was passed without work. */
export interface IdleExpired {
  readonly limitSec: number;
  readonly first: boolean;
}

/** Says when a client has had nothing to do for too long. A slot that fits is not idle, however long it takes. */
export interface IdleWatch {
  /** There is work: something came, or is being fitted. */
  touch(nowMs: number): void;
  expired(nowMs: number): IdleExpired | undefined;
}

export function createIdleWatch(limits: IdleLimits, nowMs: number): IdleWatch {
  let sinceMs = nowMs;
  let first = true;
  return {
    touch(atMs) {
      sinceMs = atMs;
      first = false;
    },
    expired(atMs) {
      const limitSec = first ? limits.firstMessageSec : limits.idleSec;
      return atMs - sinceMs >= limitSec * 1000 ? { limitSec, first } : undefined;
    },
  };
}
