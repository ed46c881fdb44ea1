/** Where the program that is to run comes from. */
export type Program =
  /** A tarball of `skyscan bundle`, which goes along and is unpacked where the client runs. */
  | { readonly kind: "tarball"; readonly path: string }
  /** An unpacked bundle that every host sees at this path. */
  | { readonly kind: "directory"; readonly path: string }
  /** Where the client runs, it is there: the first words of a command line. */
  | { readonly kind: "installed"; readonly command: readonly string[] };

/** A startup file, or a directory of them, that the clients are given. */
export interface StartupSource {
  readonly path: string;
  readonly directory: boolean;
}

/** Many clients that are alike: what to run and what each needs. All paths are absolute. */
export interface FleetRequest {
  /** ISO 8601, UTC, to the second. */
  readonly started: string;
  /** Who asks: a user name, for accounting. */
  readonly user: string;
  /** The fleet's own directory: submit file, record, logs. */
  readonly directory: string;
  readonly startup: readonly StartupSource[];
  /** The scans that the startup files are of. */
  readonly scanIds: readonly string[];
  readonly program: Program;

  /** How many clients. */
  readonly jobs: number;
  /** Fits at the same time, of each client. */
  readonly slotsPerClient: number;
  /** Of each client, as the next three. */
  readonly cpus: number;
  readonly memoryMib: number;
  readonly diskMib: number;
  /** A client that has run for so long ends, and is not started again. */
  readonly timeLimitSec: number | undefined;
  /** Container image: a path, or an address such as `docker://…`. */
  readonly image: string | undefined;
  /** As the batch system writes it. */
  readonly requirements: string | undefined;
  readonly priority: number | undefined;
  readonly accountingGroup: string | undefined;
  /** HTCondor's `--collector` and `--schedd`. */
  readonly collector: string | undefined;
  readonly schedd: string | undefined;

  /** More words of the client's command line. */
  readonly clientArguments: readonly string[];
  /** Variables of the clients. Holds no secret. */
  readonly environment: Readonly<Record<string, string>>;
  /** Variables that name a file which goes along, with the file's path here. The broker's token is one of them: `SKYSCAN_BROKER_AUTH_FILE`. */
  readonly environmentFiles: Readonly<Record<string, string>>;
}

/** The one file that opens the broker: a path, or undefined when nothing does. */
export const tokenFileOf = (request: FleetRequest): string | undefined => request.environmentFiles["SKYSCAN_BROKER_AUTH_FILE"];

/** What every client is run with, behind the program's name; `startup`: the startup files as the client sees them. */
export const clientWords = (request: FleetRequest, startup: readonly string[]): readonly string[] => [
  ...["client", "--client-startup-json", ...startup],
  ...["--slots", String(request.slotsPerClient), ...request.clientArguments],
];
