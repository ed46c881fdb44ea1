const firstWaitSec = 1;
const maxWaitSec = 60;
/** While nothing has succeeded anywhere in the scan, waiting helps nobody: the server is about to learn that nothing does. */
const unprovenWaitSec = 0.25;

/** How long a slot begins nothing after its fits failed: 1, 2, 4 … 60 s, so that a bad host does not eat the scan's units. */
export interface FailureWaits {
  /** Milliseconds to wait. `proven`: some fit of the scan has succeeded somewhere. */
  afterFailure(proven: boolean): number;
  afterSuccess(): void;
}

export function createFailureWaits(): FailureWaits {
  let inARow = 0;
  return {
    afterFailure(proven) {
      const waitSec = Math.min(firstWaitSec * 2 ** inARow, maxWaitSec);
      inARow += 1;
      return 1000 * (proven ? waitSec : Math.min(waitSec, unprovenWaitSec));
    },
    afterSuccess() {
      inARow = 0;
    },
  };
}
