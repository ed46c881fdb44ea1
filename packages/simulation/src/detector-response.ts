import { IceCubeError, type Dom, type DomPulses, type Geometry, type Pulse } from "@skyscan/icecube";
import type { Ice } from "./ice.ts";
import type { LightAtModule } from "./light.ts";
import { flagLocalCoincidence } from "./local-coincidence.ts";
import type { Random } from "./random.ts";

/** How the detector sees a source of light. */
export interface ResponseOptions {
  /** Mean number of photons seen at 10 m effective distance, were there no attenuation; falls as exp(-d/attenuation)/d. */
  readonly brightness: number;
  /** Gaussian spread of the time of a photon, on top of the scattering. */
  readonly jitterNs: number;
  /** Dark counts per module. */
  readonly noiseHz: number;
  /** Readout from 0 to this time. */
  readonly windowNs: number;
}

/** The pulses of every hit module, and which modules saw the source's own light. */
export interface DetectorResponse {
  readonly doms: readonly DomPulses[];
  readonly signalDoms: number;
}

/** Photons that come within this time of a pulse's first one are part of it. */
const pulseNs = 10;
const pulseWidthNs = 8;

/** `defaults` with what is given instead. @throws IceCubeError `invalid` for what is no number from 0 */
export function responseOptions(given: Partial<ResponseOptions>, defaults: ResponseOptions): ResponseOptions {
  const response = { ...defaults };
  for (const name of ["brightness", "jitterNs", "noiseHz", "windowNs"] as const) {
    const value = given[name];
    if (value === undefined) continue;
    if (!(value >= 0 && value < 1e9)) throw new IceCubeError("invalid", `${name} ${value}: a number from 0 is needed`);
    response[name] = value;
  }
  return response;
}

/**
 * Draws a source's light and the noise: per module a Poisson number of photons, each with a Pandel (gamma) distributed delay
 * after the geometric time; a noise rate; pulses with charges about 1 photo-electron per photon; local coincidence.
 */
export function respond(
  lightAt: (dom: Dom) => LightAtModule,
  ice: Ice,
  geometry: Geometry,
  random: Random,
  options: ResponseOptions,
): DetectorResponse {
  const doms: DomPulses[] = [];
  let signalDoms = 0;
  for (const dom of geometry.doms) {
    const light = photonTimes(lightAt(dom), ice, random, options);
    if (light.length > 0) signalDoms++;
    const noise = random.poisson(options.noiseHz * options.windowNs * 1e-9);
    const times = [...light, ...Array.from({ length: noise }, () => random.uniform() * options.windowNs)];
    if (times.length > 0) doms.push({ string: dom.string, om: dom.om, pmt: 0, pulses: toPulses(times, random) });
  }
  return { doms: flagLocalCoincidence(doms), signalDoms };
}

function photonTimes(light: LightAtModule, ice: Ice, random: Random, options: ResponseOptions): number[] {
  const { effectiveM, geometricNs, shape, emission } = light;
  const mean = ((options.brightness * 10) / effectiveM) * emission * Math.exp(-effectiveM / ice.attenuationM);
  const times: number[] = [];
  for (let left = random.poisson(mean); left > 0; left--) {
    const timeNs = geometricNs + random.gamma(shape) / ice.delayRatePerNs + options.jitterNs * random.normal();
    if (timeNs >= 0 && timeNs <= options.windowNs) times.push(timeNs);
  }
  return times;
}

/** Times to 0.1 ns, charges of single photo-electrons as 32-bit floats, as the file format stores them. */
function toPulses(times: readonly number[], random: Random): Pulse[] {
  const pulses: [timeNs: number, charge: number, widthNs: number, flags: number][] = [];
  for (const time of [...times].sort((a, b) => a - b)) {
    const timeNs = Math.round(10 * time) / 10;
    const charge = singlePhotonCharge(random);
    const last = pulses.at(-1);
    if (last !== undefined && timeNs - last[0] < pulseNs) last[1] = Math.fround(last[1] + charge);
    else pulses.push([timeNs, Math.fround(charge), pulseWidthNs, 0]);
  }
  return pulses;
}

/** A Gauss about 1 with a spread of 0.3, cut at the discriminator's 0.25 photo-electrons. */
function singlePhotonCharge(random: Random): number {
  for (;;) {
    const charge = 1 + 0.3 * random.normal();
    if (charge >= 0.25) return charge;
  }
}
