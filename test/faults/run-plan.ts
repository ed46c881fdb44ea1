/** Brokers that the campaign runs over. */
export const driverNames = ["embedded", "rabbitmq", "rabbitmq4"] as const;
export type DriverName = (typeof driverNames)[number];

export interface DrawnFault {
  readonly name: string;
  readonly at: number;
  readonly seed: number;
}

/** All that is decided about a run before it begins. */
export interface RunPlan {
  readonly driver: DriverName;
  /** Counts from 0. */
  readonly number: number;
  readonly clients: number;
  readonly slots: number;
  /** Units that may be out at the same time: few, so that publishing goes on all through the scan, or all of them. */
  readonly window: number;
  /** Whether maps and pictures are made at the end. */
  readonly extras: boolean;
  readonly faults: readonly DrawnFault[];
}
