import { angularDistance, ringToAng } from "@skyscan/healpix";
import { scanQueues } from "@skyscan/protocol";
import type { WorkUnit } from "@skyscan/protocol";
import { readSettings, silentLogger } from "@skyscan/runtime";
import { serverSettingTable } from "@skyscan/server/settings";
import { createEngine, createScanState } from "@skyscan/server/parts";
import type { Clock, Journal, ScanInputs } from "@skyscan/server/parts";
import { createRandom } from "@skyscan/simulation";
import { createClientModel } from "./client-model.ts";
import { createStandInBroker } from "./stand-in-broker.ts";
import { createVirtualTime } from "./virtual-time.ts";
import type { VirtualTime } from "./virtual-time.ts";

/** One scan on one cluster. */
export interface ClusterSettings {
  readonly inputs: ScanInputs;
  readonly threshold: number;
  readonly speculation: boolean;
  readonly slots: number;
  readonly slotsPerHost: number;
  /** Of ln(time that a host takes for the same fit). */
  readonly hostSpread: number;
  readonly medianFitSec: number;
  /** Of ln(time that fits take on the same host). */
  readonly fitSpread: number;
  /** Hosts come evenly over this time; 0: all are there. */
  readonly arrivalSec: number;
  /** Share of the hosts that die, each at some time in which the scan should be done. */
  readonly lostHosts: number;
  /** After which the broker gives what a dead host had to others. */
  readonly heartbeatSec: number;
  readonly seed: number;
}

/** What came out; times are virtual. */
export interface ClusterOutcome {
  readonly makespanSec: number;
  /** When the slots that were there had offered as much time as the fits took that counted: sum(work)/slots, when all are there all the time. */
  readonly idealSec: number;
  readonly units: number;
  /** Fits that counted, and among them as many units as there are: each once. */
  readonly results: number;
  readonly workSec: number;
  /** What copies took, per work. */
  readonly extra: number;
  readonly copies: number;
  readonly copiesWon: number;
  readonly hostsLost: number;
}

/** The server's own defaults. */
const { windowMin, batchSec } = readSettings(serverSettingTable, [], {});
const setUp = { windowMin, batchSec };
const latencyMs = 5;
/** Virtual days after which something must be wrong. */
const limitSec = 30 * 86_400;

export async function simulateCluster(settings: ClusterSettings): Promise<ClusterOutcome> {
  const { inputs, slots, slotsPerHost } = settings;
  const time = createVirtualTime();
  const scanId = "simulated";
  const queues = scanQueues(scanId);
  const broker = createStandInBroker(time, queues, latencyMs);
  const state = createScanState(inputs.steps, inputs.seedRules.offsetsM.length);
  const stop = new AbortController();
  let results = 0;
  let workSec = 0;
  let copySec = 0;
  const journal = standInJournal((runtimeSec) => {
    results += 1;
    workSec += runtimeSec;
  });
  const engine = await createEngine({
    inputs,
    opened: {
      directory: "",
      scanId,
      run: 1,
      state,
      journal,
      resumedUnits: 0,
      wasComplete: false,
      close: () => Promise.resolve(),
    },
    broker: broker.broker,
    queues,
    broadcaster: broker.broadcaster,
    maxAttempts: 3,
    threshold: settings.threshold,
    ...setUp,
    speculation: settings.speculation,
    repliesTimeoutSec: limitSec,
    startedMs: 0,
    logger: silentLogger,
    signal: stop.signal,
    clock: clockOf(time),
  });
  let ended: string | undefined;
  void engine.run().then((end) => (ended = end.kind));

  const random = createRandom(settings.seed);
  const hosts = Math.ceil(slots / slotsPerHost);
  const { manifest, manifestSha256 } = inputs.reco;
  const reco = { name: manifest.name, version: manifest.version, manifestSha256 };
  const presence: { readonly fromSec: number; untilSec: number; readonly slots: number }[] = [];
  const horizonSec = expectedSec(settings, state.posvars);
  let hostsLost = 0;
  for (let host = 0; host < hosts; host += 1) {
    const slowness = Math.exp(settings.hostSpread * random.normal());
    const fromSec = (settings.arrivalSec * host) / hosts;
    const mine = Math.min(slotsPerHost, slots - host * slotsPerHost);
    const beatPhaseMs = 10_000 * random.uniform();
    const dies = random.uniform() < settings.lostHosts;
    const untilSec = fromSec + random.uniform() * Math.max(0, horizonSec - fromSec);
    const there = { fromSec, untilSec: Infinity, slots: mine };
    presence.push(there);
    time.at(1000 * fromSec, () => {
      const client = createClientModel({
        time,
        broker,
        scanId,
        name: `host-${host}`,
        slots: mine,
        reco,
        beatPhaseMs,
        fitMs: (unit) => 1000 * slowness * unitSec(settings, unit),
        llhOf: (unit) => llhOf(settings.seed, unit),
        fitted: (sec, copy) => (copySec += copy ? sec : 0),
      });
      if (!dies) return;
      time.at(1000 * untilSec, () => {
        hostsLost += 1;
        there.untilSec = untilSec;
        client.die(1000 * settings.heartbeatSec);
      });
    });
  }

  while (ended === undefined && time.nowMs < 1000 * limitSec) {
    if (!time.step()) break;
    // The engine's own loops run between two moments of virtual time.
    await new Promise((resolve) => setImmediate(resolve));
  }
  const makespanSec = time.nowMs / 1000;
  await engine.close();
  if (ended !== "complete") throw new Error(`the simulated scan ended as ${ended ?? "stuck"} after ${makespanSec} s`);
  const counters = (engine.view.manifest() as { counters: { copiesSent: number; copiesWon: number } }).counters;
  return {
    makespanSec,
    idealSec: idealSec(presence, workSec),
    units: state.plannedUnits,
    results,
    workSec,
    extra: copySec / workSec,
    copies: counters.copiesSent,
    copiesWon: counters.copiesWon,
    hostsLost,
  };
}

/** Durable at once: what a disk costs is measured elsewhere. */
function standInJournal(onResult: (runtimeSec: number) => void): Journal {
  return {
    damaged: false,
    append(record, durable) {
      if (record.type === "result") onResult(record.runtimeSec);
      durable?.();
    },
    afterDurable: (durable) => durable(),
    flush: () => Promise.resolve(),
    failed: new Promise<never>(() => undefined),
    close: () => Promise.resolve(),
  };
}

const clockOf = (time: VirtualTime): Clock => ({
  nowMs: () => time.nowMs,
  every(periodMs, act) {
    let over = false;
    const again = (): void => {
      if (over) return;
      act();
      time.after(periodMs, again);
    };
    time.after(periodMs, again);
    return () => void (over = true);
  },
});

/** About how long it should take. */
function expectedSec(settings: ClusterSettings, posvars: number): number {
  const steps = settings.inputs.steps;
  const pixels = steps.reduce(
    (sum, step, position) =>
      sum + (position === 0 ? 12 * step.nside ** 2 : step.extension * (step.nside / steps[position - 1]!.nside) ** 2),
    0,
  );
  const meanSec = settings.medianFitSec * Math.exp(settings.fitSpread ** 2 / 2);
  return (pixels * posvars * meanSec) / settings.slots + settings.arrivalSec / 2 + settings.medianFitSec;
}

function idealSec(presence: readonly { fromSec: number; untilSec: number; slots: number }[], workSec: number): number {
  const changes = presence
    .flatMap(({ fromSec, untilSec, slots }) => [
      { sec: fromSec, slots },
      { sec: untilSec, slots: -slots },
    ])
    .sort((a, b) => a.sec - b.sec);
  let offered = 0;
  let there = 0;
  let since = 0;
  for (const { sec, slots } of changes) {
    const more = there * (sec - since);
    if (there > 0 && offered + more >= workSec) break;
    if (sec === Infinity) break;
    offered += more;
    since = sec;
    there += slots;
  }
  return since + (workSec - offered) / there;
}

/** Uniform in (0, 1), the same for the same unit and seed wherever and whenever it is asked. */
function drawOf(seed: number, unit: WorkUnit, salt: number): number {
  const { nside, pixel, posvar } = unit.payload;
  let hash = 2166136261 ^ salt;
  for (const part of [seed, nside, pixel, posvar]) {
    hash = Math.imul(hash ^ part, 16777619);
    hash ^= hash >>> 13;
    hash = Math.imul(hash, 0x5bd1e995);
    hash ^= hash >>> 15;
  }
  return ((hash >>> 0) + 0.5) / 2 ** 32;
}

/** Lognormal, on a host of usual speed (Box and Muller). */
function unitSec({ seed, medianFitSec, fitSpread }: ClusterSettings, unit: WorkUnit): number {
  const normal = Math.sqrt(-2 * Math.log(drawOf(seed, unit, 1))) * Math.cos(2 * Math.PI * drawOf(seed, unit, 2));
  return medianFitSec * Math.exp(fitSpread * normal);
}

/** A smooth valley around one direction, with some noise from fit to fit. */
function llhOf(seed: number, unit: WorkUnit): number {
  const { nside, pixel } = unit.payload;
  const { thetaRad, phiRad } = ringToAng(nside, pixel);
  const awayRad = angularDistance(thetaRad, phiRad, 1 + (seed % 7) / 10, seed % 6);
  return 5000 * (1 - Math.exp(-3 * awayRad)) + 20 * drawOf(seed, unit, 3);
}
