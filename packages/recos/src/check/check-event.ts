import type { StartupEvent } from "@skyscan/protocol";
import type { RecoStartup } from "../runner/reco-startup.ts";
import type { RunnerUnit } from "../runner/runner.ts";

/** Light in ice, metres per nanosecond (group index 1.35). */
const lightMPerNs = 0.299792458 / 1.35;

/** A dozen modules on three strings of IceCube's spacing, and the light of a flash between them. */
function madeUpEvent(): StartupEvent {
  const flash = { xM: 30, yM: -20, zM: -320, timeNs: 9800 };
  const strings = [
    { string: 36, xM: 46.29, yM: -34.88 },
    { string: 37, xM: 170, yM: -15 },
    { string: 46, xM: 90, yM: 80 },
  ];
  const doms = strings.flatMap(({ string, xM, yM }, row) =>
    [46, 48, 50, 52].map((om) => {
      const zM = 500 - 17 * (om - 1) - 5 * row;
      const distanceM = Math.hypot(xM - flash.xM, yM - flash.yM, zM - flash.zM);
      const arrivalNs = flash.timeNs + distanceM / lightMPerNs;
      const charge = 60 / (1 + distanceM / 10);
      const pulses = [0, 35, 110].map((lateNs, index): [number, number, number, number] => [
        arrivalNs + lateNs,
        charge / (index + 1),
        8,
        7,
      ]);
      return { string, om, xM, yM, zM, pulses };
    }),
  );
  return {
    runId: 136662,
    eventId: 1,
    eventType: "neutrino",
    mjd: 59715.1,
    isRealEvent: false,
    pulseSeries: "SplitUncleanedInIcePulses",
    doms,
    recorded: { OnlineL2_SplineMPE: { zenithRad: 1.2, azimuthRad: 3.4, ...flash } },
  };
}

/** A startup file without a real event, for `skyscan recos check` without `--event`. */
export const madeUpStartup = (): RecoStartup => ({
  version: 1,
  scan_id: "recos-check",
  mq_basename: "recos-check",
  reco_algo: "",
  reco: { name: "", version: "", manifestSha256: "", options: {} },
  event: madeUpEvent(),
  baseline_GCD_file: null,
  GCDQp_packet: null,
  ended: false,
});

/** Units over that event: four of the twelve pixels of nside 1. */
export const madeUpUnits = (): readonly RunnerUnit[] =>
  [0, 5, 6, 11].map((pixel) => {
    const decRad = Math.asin([2 / 3, 0, -2 / 3][Math.floor(pixel / 4)] ?? 0);
    const ring = Math.floor(pixel / 4);
    const raRad = (Math.PI / 2) * ((pixel % 4) + (ring === 1 ? 0 : 0.5));
    return {
      unit: `1/${pixel}/0`,
      attempt: 1,
      payload: {
        nside: 1,
        pixel,
        posvar: 0,
        direction: { zenithRad: Math.PI / 2 + decRad, azimuthRad: (raRad + 2) % (2 * Math.PI), raRad, decRad },
        seed: { xM: 30, yM: -20, zM: -320, timeNs: 9800, energyGeV: null },
        fallbackSeed: null,
      },
    };
  });
