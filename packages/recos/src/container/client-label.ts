import { readFileSync, readlinkSync } from "node:fs";
import { hostName, startTicksOf } from "@skyscan/runtime";

/** The label by which containers of dead clients are found. Its value says who started the container. */
export const clientLabel = "org.skyscan.client";
/** For people. */
export const recoLabel = "org.skyscan.reco";

/** A process that nobody else can be taken for. Words without spaces and commas. */
export interface ClientIdentity {
  readonly host: string;
  readonly uid: number;
  /** Of the running system: new at each boot. */
  readonly boot: string;
  /** In which its process id counts. */
  readonly pidNamespace: string;
  readonly pid: number;
  /** When the process was started, clock ticks since boot: a process id alone is used again. */
  readonly startTicks: string;
}

const word = (text: string): string => text.replaceAll(/[^A-Za-z0-9.-]/g, "-");

export function thisClient(): ClientIdentity {
  return {
    host: word(hostName()),
    uid: process.getuid?.() ?? 0,
    boot: readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim(),
    pidNamespace: word(readlinkSync("/proc/self/ns/pid").replace(/^pid:\[(\d+)\]$/, "$1")),
    pid: process.pid,
    startTicks: startTicksOf(process.pid) ?? "0",
  };
}

export const labelValue = ({ host, uid, boot, pidNamespace, pid, startTicks }: ClientIdentity): string =>
  [host, uid, boot, pidNamespace, pid, startTicks].join("_");

function parseLabel(value: string): ClientIdentity | undefined {
  const [, host, uid, boot, pidNamespace, pid, startTicks] = /^([^_]+)_(\d+)_([^_]+)_([^_]+)_(\d+)_(\d+)$/.exec(value) ?? [];
  if (host === undefined || boot === undefined || pidNamespace === undefined || startTicks === undefined) return undefined;
  return { host, uid: Number(uid), boot, pidNamespace, pid: Number(pid), startTicks };
}

/** A container that some client started. */
export interface LabelledContainer {
  readonly id: string;
  readonly label: string;
  readonly running: boolean;
}

/**
 * Whether a container's client is certainly dead: only that of our own user can be judged, whose process id counts where ours does, or which
 * was started before the last boot and does not run. In doubt it lives.
 */
export function isOrphan(
  { label, running }: LabelledContainer,
  us: ClientIdentity,
  startTicks: (pid: number) => string | undefined,
): boolean {
  const client = parseLabel(label);
  if (client === undefined || client.uid !== us.uid) return false;
  if (client.boot !== us.boot) return client.host === us.host && !running;
  return client.pidNamespace === us.pidNamespace && startTicks(client.pid) !== client.startTicks;
}
