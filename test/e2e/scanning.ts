import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { eventually, readJson, runSkyscan, startSkyscan } from "@skyscan/testing";
import type { SkyscanEnd, SkyscanProcess } from "@skyscan/testing";
import { simulatedIn, simulatedName } from "./events.ts";

/** One scan's directories and the commands that a user would type for it. */
export interface Scanning {
  readonly directory: string;
  /** Path of the startup file of `server`. */
  readonly startup: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  server(...more: readonly string[]): SkyscanProcess;
  client(...more: readonly string[]): SkyscanProcess;
  /** A client that calls its host so. */
  clientOn(host: string, ...more: readonly string[]): SkyscanProcess;
  /** `skyscan status` of it, to its end. */
  status(...more: readonly string[]): Promise<SkyscanEnd>;
  /** Server and local clients in one go. */
  scan(...more: readonly string[]): SkyscanProcess;
  npz(nsides: string): Promise<Buffer>;
  manifest(): Promise<Manifest | undefined>;
  /** Resolves when so many fits are final, as the manifest says. */
  done(units: number): Promise<void>;
}

export interface Manifest {
  readonly state: string;
  readonly preliminary: boolean;
  readonly progress: { readonly tallies: { readonly "total recos": number } };
  readonly scan_metadata: { readonly scan_id: string; readonly run: number };
  readonly workers: {
    readonly alive: number;
    readonly lost: number;
    readonly "ever seen": number;
    readonly presence: string;
    readonly situation: string;
    readonly "by host": readonly {
      readonly host: string;
      readonly failures: number;
      readonly "last failure"?: { readonly code: string; readonly "end of stderr": string };
      readonly "told to leave"?: readonly { readonly worker: string; readonly why: string }[];
    }[];
  };
  readonly failures: {
    readonly "failed units": number;
    readonly list: readonly {
      readonly unit: string;
      readonly code: string;
      readonly reason: string;
      readonly tries: readonly { readonly code: string; readonly "end of stderr": string }[];
    }[];
  };
  readonly counters: Readonly<Record<string, number>>;
  readonly best_fit: { readonly raDeg: number; readonly decDeg: number; readonly llh: number } | null;
}

export interface ScanningOptions {
  readonly reco: string;
  readonly nsides: readonly string[];
  /** Over those of every scan here. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Path of an event file. Default: a simulated one, in the scan's directory. */
  readonly event?: string;
  readonly eventName?: string;
}

const ofEveryScan = {
  // Nothing of the surrounding shell decides a test's broker.
  SKYSCAN_BROKER_ADDRESS: undefined,
  SKYSCAN_BROKER_AUTH: undefined,
  SKYSCAN_BROKER_CLIENT: undefined,
  // Maps and pictures take a second of a processor, and have tests of their own.
  SKYSCAN_RESULT_EXTRAS: "no",
  SKYSCAN_PROGRESS_INTERVAL_SEC: "0.1",
  SKYSCAN_LOG: "info",
};

export function scanning(directory: string, options: ScanningOptions): Scanning {
  const env = { ...ofEveryScan, ...options.env };
  const startup = join(directory, "client-startup.json");
  const output = join(directory, "out");
  const eventName = options.eventName ?? simulatedName;
  const manifest = (): Promise<Manifest | undefined> =>
    readJson(join(output, `${eventName}.scan-manifest.json`)) as Promise<Manifest | undefined>;
  const flags = [
    ...["--event-file", options.event ?? simulatedIn(directory), "--reco-algo", options.reco, "--nsides", ...options.nsides],
    ...["--cache-dir", join(directory, "cache"), "--output-dir", output],
  ];
  const client = (own: Readonly<Record<string, string>>, more: readonly string[]): SkyscanProcess =>
    startSkyscan(["client", "--client-startup-json", startup, "--wait-for-startup-sec", "60", ...more], {
      env: { ...env, ...own },
    });
  return {
    directory,
    startup,
    env,
    server: (...more) => startSkyscan(["server", "--client-startup-json", startup, ...flags, ...more], { env }),
    client: (...more) => client({}, more),
    clientOn: (host, ...more) => client({ SKYSCAN_HOST: host }, more),
    status: (...more) =>
      runSkyscan(["status", "--cache-dir", join(directory, "cache"), "--output-dir", output, ...more], { env }),
    scan: (...more) => startSkyscan(["scan", ...flags, ...more], { env }),
    npz: (nsides) => readFile(join(output, `${eventName}_${nsides}.npz`)),
    manifest,
    done: async (units) => {
      await eventually(`${units} fits done`, async () => {
        const now = await manifest();
        return now !== undefined && now.progress.tallies["total recos"] >= units ? true : undefined;
      });
    },
  };
}
