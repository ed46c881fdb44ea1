import type { Logger } from "@skyscan/runtime";
import type { RunCommand } from "./command.ts";
import type { FleetRecord } from "./fleet-record.ts";
import type { FleetRequest } from "./request.ts";

/** A file of the fleet's directory. Never holds a secret: it may be printed. */
export interface FleetFile {
  readonly name: string;
  readonly text: string;
  readonly mode: number;
}

/** What a batch system is given. `main` is the one that a person reads, and submits by hand. */
export interface FleetFiles {
  readonly main: FleetFile;
  readonly others: readonly FleetFile[];
}

export interface LaunchContext {
  /** Runs the batch system's own commands. */
  readonly run: RunCommand;
  readonly logger: Logger;
  /** First signal: let the clients hand back what they hold. */
  readonly signal: AbortSignal;
  /** Second one: leave now. */
  readonly force: AbortSignal;
}

/** The batch system has taken the clients. */
export interface Submission {
  /** What it calls them: numbers and names that `status` and `stop` need. */
  readonly id: Readonly<Record<string, string | number>>;
  /** For the user, one line: `300 jobs submitted to cluster 1234`. */
  readonly said: string;
  /**
   * Where there is no scheduler: the clients live as long as this, which resolves with an exit status when the last one has ended. The signal
   * ends them.
   */
  readonly attended?: () => Promise<number>;
}

/** One client, as its batch system knows it. */
export interface FleetClient {
  /** The batch system's name for it: `1234.5`. */
  readonly name: string;
  /** `held`: waits for a person, or for its rest to be over. */
  readonly state: "idle" | "running" | "held" | "ended";
  /** Where it runs, or ran last. */
  readonly host?: string;
  /** How it ended, or last ended. Null: it was killed. */
  readonly exitStatus?: number | null;
  /** Of one that waits for more than its turn, is held, or was taken away. */
  readonly why?: string;
  /** How often it was started. */
  readonly starts?: number;
}

/**
 * A batch system: one folder, one row of the registry. The frame has checked the request, made its directory, and writes the files and the record.
 */
export interface BatchSystem {
  readonly name: string;
  /** One line, for help. */
  readonly summary: string;
  /** False: its clients see this machine's loopback and files. */
  readonly elsewhere: boolean;
  /** What its clients are run from: a bundle, which is made when none is given; this installation; or nothing but their image. */
  readonly runsFrom: "bundle" | "installation" | "image";
  /** What of the request it cannot do, one line each that names the flag. */
  problems(request: FleetRequest): readonly string[];
  /** The texts for a request. Pure: the same request, the same texts. */
  write(request: FleetRequest): FleetFiles;
  /** The files are there. @throws UsageError when the batch system is not there, or refuses. */
  submit(request: FleetRequest, mainFile: string, context: LaunchContext): Promise<Submission>;
  /** What became of each client. @throws UsageError when the batch system cannot be asked. */
  status(record: FleetRecord, context: LaunchContext): Promise<readonly FleetClient[]>;
  /** Takes the clients away: they hand back what they hold. Returns one line for the user. @throws UsageError */
  stop(record: FleetRecord, context: LaunchContext): Promise<string>;
}
