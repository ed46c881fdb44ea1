import { speedOfLightMPerNs } from "@skyscan/icecube";

/** `model`: the ice that the `pandel` recos assume. `off10`: ice that scatters and absorbs otherwise than they assume, see `iceByName`. */
export type IceName = "model" | "off10";

/** Homogeneous ice, as the Pandel function sees it (astro-ph/0407044). */
export interface Ice {
  readonly name: IceName;
  /** Pandel's lambda: the shape of the delay's gamma distribution is effective distance over this. */
  readonly scatteringM: number;
  readonly absorptionM: number;
  /** Rate of the exponential tail of delays: scattering away (tau, 557 ns) and absorption. */
  readonly delayRatePerNs: number;
  /**
   * Effective distance over which the light that arrives falls by e, whatever its delay: the norm of the Pandel function,
   * exp(-d/absorption) (1 + tau c_ice/absorption)^(-d/lambda). 28.9 m in the model's ice.
   */
  readonly attenuationM: number;
}

/** Index of refraction for the speed of light pulses. */
export const groupIndex = 1.35634;

const tauNs = 557;
const modelScatteringM = 33.3;
const modelAbsorptionM = 98;

function createIce(name: IceName, scatteringFactor: number, absorptionFactor: number): Ice {
  const scatteringM = modelScatteringM * scatteringFactor;
  const absorptionM = modelAbsorptionM * absorptionFactor;
  const speedMPerNs = speedOfLightMPerNs / groupIndex;
  return {
    name,
    scatteringM,
    absorptionM,
    delayRatePerNs: 1 / tauNs + speedMPerNs / absorptionM,
    attenuationM: 1 / (1 / absorptionM + Math.log(1 + (tauNs * speedMPerNs) / absorptionM) / scatteringM),
  };
}

const ices: Readonly<Record<IceName, Ice>> = { model: createIce("model", 1, 1), off10: createIce("off10", 0.9, 1.1) };

/** Every name that `iceByName` takes. */
export const iceNames: readonly IceName[] = ["model", "off10"];

/**
 * The ice of a simulation. `model` has lambda 33.3 m and absorption 98 m; `off10` scatters over a 10 % shorter length (29.97 m) and
 * absorbs over a 10 % longer one (107.8 m). Both changes make light later than the recos expect, so they add up instead of cancelling.
 */
export const iceByName = (name: IceName): Ice => ices[name];
