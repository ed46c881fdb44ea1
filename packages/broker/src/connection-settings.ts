import type { SettingTable, SettingValues } from "@skyscan/runtime";

/** What a driver needs to connect. Secrets are read anew for each connection, since tokens expire during long scans. */
export interface ConnectionSettings {
  /** Name of a row of the registry. */
  readonly client: string;
  readonly address: string;
  /** Token or password; replaces the address's. */
  readonly auth?: string;
  readonly caFile?: string;
  readonly certFile?: string;
  readonly keyFile?: string;
  readonly lostSec: number;
  /** How long a queue may be missing before it counts as gone, seconds. */
  readonly goneSec: number;
  /** Values of the drivers' own settings, by variable. What is not there has its default. */
  readonly own?: Readonly<Record<string, unknown>>;
}

/** Called before every (re)connection. */
export type ResolveConnection = () => Promise<ConnectionSettings>;

/** The values of a driver's own table; `own` was read by tables of the registry, so they are of the table's kinds. */
export function ownSettings<T extends SettingTable>(table: T, { own = {} }: ConnectionSettings): SettingValues<T> {
  const values = Object.entries(table).map(([key, setting]) => [key, setting.env in own ? own[setting.env] : setting.default]);
  return Object.fromEntries(values) as SettingValues<T>;
}
