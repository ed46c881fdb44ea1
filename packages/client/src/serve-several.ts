import { readMoreScans } from "@skyscan/protocol";
import { deferred } from "@skyscan/runtime";
import { overallEnd } from "./ending.ts";
import type { ClientEnd } from "./ending.ts";
import { createIdleWatch } from "./idle.ts";
import type { IdleLimits } from "./idle.ts";
import type { Share } from "./places.ts";
import { prepareScan } from "./serve-scan.ts";
import type { Client, PreparedScan } from "./serve-scan.ts";
import type { Session } from "./session.ts";
import { watchStartups } from "./startup-lookout.ts";
import type { FoundStartup, StartupReader } from "./startup-reader.ts";
import { isDirectory } from "./startup-reader.ts";
import { decideTurns } from "./turn-policy.ts";
import type { TurnFacts } from "./turn-policy.ts";

const lookMs = 250;
/** The client as a whole is idle, never one of its scans. */
const noLimits: IdleLimits = { firstMessageSec: Infinity, idleSec: Infinity };

interface Scan {
  found: FoundStartup;
  prepared: PreparedScan | undefined;
  /** Undefined while it is not reached. */
  open: { readonly session: Session; readonly share: Share } | undefined;
  /** Its reco is being looked for. */
  opening: boolean;
  /** Since it is open, it was reached. */
  reached: boolean;
  /** Since when it is tried to reach it, turn after turn. Undefined: it was reached, or not tried. */
  triedMs: number | undefined;
  turnMs: number;
  end: ClientEnd | undefined;
}

const nowMs = (): number => performance.now();

/**
 * Serves scans in turns (turn-policy.ts), until all have ended and no more are promised: 0, or 7 when every one sent this client away. A scan that did is left out, the others
 * go on; so is one whose broker cannot be reached for as long as a lost one is waited for: 4, when the others have ended. When nothing came from any for the idle limit: 3.
 */
export async function serveSeveral(client: Client, first: readonly FoundStartup[], reader: StartupReader): Promise<ClientEnd> {
  const { options, settings, context, logger } = client;
  const scans = new Map<string, Scan>();
  const over = deferred<ClientEnd | undefined>();
  const idle = createIdleWatch(settings, nowMs());
  const serving = new Set<Promise<void>>();
  let lastWorkMs = nowMs();
  let lastEndMs = nowMs();
  let stopping = false;
  let more: boolean | undefined;
  const promised = await readMoreScans(options.startupPaths);
  const lingerMs = (await anyDirectory(options.startupPaths)) ? options.waitForStartupSec * 1000 : 0;

  function know(all: readonly FoundStartup[], moreToCome: boolean | undefined): void {
    more = moreToCome;
    for (const found of all) {
      const scan = scans.get(found.startup.scan_id);
      if (scan === undefined) {
        const end: ClientEnd | undefined = found.startup.ended
          ? { status: 0, why: "the scan had ended before this client came" }
          : undefined;
        if (end === undefined) logger.info({ scan: found.startup.scan_id, path: found.path }, "A scan to serve");
        const turnMs = -Infinity;
        scans.set(found.startup.scan_id, {
          found,
          prepared: undefined,
          open: undefined,
          opening: false,
          reached: false,
          triedMs: undefined,
          turnMs,
          end,
        });
      } else if (scan.found !== found && scan.found.path === found.path) renew(scan, found);
    }
    look();
  }

  /** Its startup file is another one: the scan has ended, or its server is back. */
  function renew(scan: Scan, found: FoundStartup): void {
    scan.found = found;
    scan.triedMs = undefined;
    if (found.startup.ended) {
      if (scan.open === undefined && !scan.opening)
        ended(scan, { status: 0, why: "the startup file says that the scan has ended" });
    } else if (scan.end !== undefined && scan.end.status !== 7) scan.end = undefined;
  }

  function ended(scan: Scan, end: ClientEnd): void {
    if (scan.end !== undefined) return;
    scan.end = end;
    lastEndMs = nowMs();
    logger.info({ scan: scan.found.startup.scan_id, status: end.status }, end.why);
  }

  async function serve(scan: Scan): Promise<void> {
    scan.opening = true;
    scan.turnMs = nowMs();
    const prepared = scan.prepared ?? (await prepareScan(client, scan.found));
    scan.opening = false;
    if ("status" in prepared) {
      ended(scan, prepared);
      return;
    }
    scan.prepared = prepared;
    if (stopping) return;
    scan.reached = false;
    scan.triedMs ??= nowMs();
    const lostSec = client.brokerSettings.lostSec - (nowMs() - scan.triedMs) / 1000;
    const { session } = (scan.open = prepared.start(noLimits, lostSec));
    const { status, why } = await session.end;
    if (session.joined) scan.triedMs = undefined;
    scan.open = undefined;
    // 3 is what this file asked for: the scan goes on without this client.
    if (status !== 3) {
      ended(scan, { status, why });
      await prepared.remove();
      scan.prepared = undefined;
    }
  }

  function stateOf({ open, opening }: Scan): TurnFacts["state"] {
    if (open === undefined) return opening ? "opening" : "waiting";
    if (!open.session.joined) return "opening";
    return open.session.consuming ? "consuming" : "paused";
  }

  function facts(scan: Scan): TurnFacts & { readonly scan: Scan } {
    const { open } = scan;
    const session = open?.session;
    if (session?.joined === true && !scan.reached) {
      // Its turn begins now: reaching it may have taken long.
      scan.reached = true;
      scan.triedMs = undefined;
      scan.turnMs = nowMs();
    }
    return {
      scan,
      state: stateOf(scan),
      turnMs: scan.turnMs,
      busy: open?.share.busy ?? 0,
      working: session?.busy ?? false,
      crowded: session !== undefined && session.queued > 0 && open!.share.crowded,
      idleMs: open?.share.idleMs(nowMs()) ?? 0,
    };
  }

  function look(): void {
    if (stopping) return;
    const live = [...scans.values()].filter(({ end }) => end === undefined).map(facts);
    const now = nowMs();
    if (live.length === 0 && !(more ?? now - lastEndMs < lingerMs)) return over.resolve(undefined);
    if (live.some(({ working }) => working)) {
      lastWorkMs = now;
      idle.touch(now);
    }
    const expired = idle.expired(now);
    if (expired !== undefined) {
      const what = expired.first ? "no work came at all" : "no more work came";
      return over.resolve({ status: 3, why: `${what} for ${expired.limitSec} s from any of ${live.length} scans` });
    }
    const { pause: less, leave, next } = decideTurns(live, now, lastWorkMs);
    for (const { scan } of less) scan.open?.session.pause();
    leave?.scan.open?.session.leave("left for other scans, it had nothing to do");
    if (next !== undefined) begin(next.scan);
  }

  function begin(scan: Scan): void {
    if (scan.open !== undefined) {
      scan.turnMs = nowMs();
      return scan.open.session.resume();
    }
    const served = serve(scan)
      .catch((error: unknown) => over.reject(error))
      .finally(() => {
        serving.delete(served);
        look();
      });
    serving.add(served);
  }

  function leaveAll(why: string): void {
    stopping = true;
    for (const { open } of scans.values()) open?.session.leave(why);
  }

  const stop = (): void => over.resolve({ status: 5, why: "stopped by a signal" });
  if (context.signal.aborted) stop();
  context.signal.addEventListener("abort", stop);
  const lookout = watchStartups(options.startupPaths, { reader, logger, onFound: know });
  const timer = setInterval(look, lookMs);
  know(first, promised);
  try {
    const whole = await over.promise;
    leaveAll(whole?.why ?? "all scans have ended");
    await Promise.all(serving);
    return whole ?? overallEnd([...scans.values()].flatMap(({ end }) => end ?? []));
  } finally {
    leaveAll("the client broke");
    clearInterval(timer);
    lookout.close();
    context.signal.removeEventListener("abort", stop);
    await Promise.allSettled(serving);
  }
}

async function anyDirectory(paths: readonly string[]): Promise<boolean> {
  return (await Promise.all(paths.map(isDirectory))).includes(true);
}
