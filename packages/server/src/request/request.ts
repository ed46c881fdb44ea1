import type { ContainerMode } from "@skyscan/recos";

/** `--metrics-host`, `--metrics-port`; port 0: any free one. */
export interface MetricsRequest {
  readonly host: string;
  readonly port: number;
}

/** What the user asks for: the flags of `skyscan server`, checked for form only. */
export interface ScanRequest {
  readonly eventFile: string;
  readonly recoAlgo: string;
  readonly recoOptions: Readonly<Record<string, string>>;
  readonly recoPath: readonly string[];
  /** `--container`, of the reco's `prepare` step; beats `SKYSCAN_CONTAINER`. */
  readonly container?: ContainerMode | undefined;
  readonly clientStartupJson: string;
  readonly cacheDir: string;
  readonly outputDir: string;
  readonly gcdDir: string;
  /** A built-in geometry's name or a CSV file; undefined: by the event. */
  readonly geometry: string | undefined;
  /** Words of `--nsides`. */
  readonly nsides: readonly string[];
  readonly predictiveScanningThreshold: number;
  /** `--real-event` true, `--simulated-event` false, neither: decided from the event. */
  readonly realEvent: boolean | undefined;
  readonly resume: boolean;
  readonly discard: boolean;
  /** Failures of one unit until it is NaN; 0 = for ever. */
  readonly maxAttempts: number;
  readonly seed: number | undefined;
  readonly takeOver: boolean;
  readonly listen: ListenRequest;
  /** Where Prometheus may scrape; undefined: nowhere. */
  readonly metrics?: MetricsRequest | undefined;
}

/** Where the embedded broker listens. */
export interface ListenRequest {
  readonly host: string;
  /** 0: any free port, the one of before after a restart. */
  readonly port: number;
  readonly tlsCertFile: string | undefined;
  readonly tlsKeyFile: string | undefined;
  /** Off loopback without TLS, on purpose. */
  readonly insecure: boolean;
}

/** How a server ended: the exit status of cli.md and one sentence. */
export interface ScanEnd {
  readonly status: 0 | 2 | 3 | 4 | 5 | 6 | 8;
  readonly why: string;
  /** Files that were written, results first. */
  readonly files: readonly string[];
}
