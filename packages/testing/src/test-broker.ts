/** The broker says that it takes nothing for now. */
export interface TestAlarm {
  raise(): Promise<unknown>;
  clear(): Promise<unknown>;
}

/** A real broker that tests may break, whichever it is. */
export interface TestBroker {
  /** The driver that speaks to it. */
  readonly client: string;
  readonly port: number;
  /** With user and password. */
  readonly address: string;
  /** What tells a process of it. `port`: of a network in front of it; `heartbeatSec`: after twice as long without a sign the other end is dead. */
  env(options?: { readonly port?: number; readonly heartbeatSec?: number }): Readonly<Record<string, string>>;
  version(): Promise<string>;
  /** All that anybody has in it now: names of queues and the like, and of connections. Takes a second or two. */
  inventory(): Promise<{ readonly names: readonly string[]; readonly connections: readonly string[] }>;
  /** As a machine that loses its power: nothing is flushed, nobody is told. */
  kill9(): Promise<void>;
  /** Starts it again on the same data. */
  restart(): Promise<void>;
  /** Removes its data, of which it must be dead: it comes back empty. */
  wipe(): Promise<void>;
  /** SIGSTOP to all its processes. */
  freeze(): Promise<void>;
  /** SIGCONT to all its processes. */
  thaw(): Promise<void>;
  /** Empty for brokers that know no such thing. */
  readonly alarms: readonly TestAlarm[];
  /** Ends it and removes its data. */
  stop(): Promise<void>;
}
