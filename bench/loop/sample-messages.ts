import { encode, protocolVersion } from "@skyscan/protocol";

const scan = "run00136662.evt000035405932.neutrino-noop-64-0123abcd";

/** Sizes of what the engine sends for one unit and for one result, bytes: what the bare loops send, too. */
export function messageBytes(): { readonly workBytes: number; readonly replyBytes: number } {
  const unit = { unit: "64/22946/0", attempt: 1 };
  const seed = { xM: 1.23456, yM: -2.34567, zM: -301.2345, timeNs: 9876.54321, energyGeV: null };
  const payload = {
    ...{ nside: 64, pixel: 22946, posvar: 0, seed, fallbackSeed: null },
    direction: { zenithRad: 1.23456789, azimuthRad: 3.456789, raRad: 0.567891, decRad: 0.678912 },
  };
  const work = encode({ v: protocolVersion, scan, run: 1, proven: true, units: [{ ...unit, payload }] });
  const result = { llh: 1234.56789, eInGeV: null, eTotGeV: 123456.789, xM: -12.345, yM: 98.765, zM: -301.23, timeNs: 9870.12 };
  const outcomes = [{ kind: "result" as const, ...unit, runtimeSec: 1.2e-5, result }];
  const reply = encode({ v: protocolVersion, scan, run: 1, worker: "hostname-123456-0123abcd", host: "hostname", outcomes });
  return { workBytes: work.byteLength, replyBytes: reply.byteLength };
}
