/** How long a reco is given to leave, milliseconds. */
export interface Grace {
  /** From SIGTERM to SIGKILL. */
  readonly termMs: number;
  /** From the end of stdin to SIGKILL. */
  readonly leaveMs: number;
}

/** What the reco protocol promises, section 3. */
export const protocolGrace: Grace = { termMs: 5_000, leaveMs: 10_000 };
