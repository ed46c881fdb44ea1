import { pulseFlag, type DomPulses } from "@skyscan/icecube";

/** Neighbours on the same string up to this many modules away … */
const span = 2;
/** … that are hit within this time make a pulse a coincidence. */
const windowNs = 1000;

const coincident = pulseFlag.hlc | pulseFlag.atwd | pulseFlag.fadc;

/** Gives every pulse the flags of IceCube's hard local coincidence (7), or those of an isolated one (4). Pulses are in time order. */
export function flagLocalCoincidence(doms: readonly DomPulses[]): DomPulses[] {
  const byKey = new Map(doms.map((dom) => [`${dom.string},${dom.om}`, dom]));
  const neighbours = (dom: DomPulses): DomPulses[] =>
    Array.from({ length: 2 * span + 1 }, (_, i) => i - span)
      .filter((offset) => offset !== 0)
      .map((offset) => byKey.get(`${dom.string},${dom.om + offset}`))
      .filter((found) => found !== undefined);
  return doms.map((dom) => {
    const near = neighbours(dom);
    const isCoincident = (timeNs: number): boolean =>
      near.some(({ pulses }) => pulses.some(([other]) => Math.abs(other - timeNs) <= windowNs));
    return {
      ...dom,
      pulses: dom.pulses.map(
        ([timeNs, charge, widthNs]) => [timeNs, charge, widthNs, isCoincident(timeNs) ? coincident : pulseFlag.fadc] as const,
      ),
    };
  });
}
