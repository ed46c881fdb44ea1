import { ByteReader } from "../bytes/byte-reader.ts";
import { ByteWriter } from "../bytes/byte-writer.ts";
import { fromBase64, toBase64 } from "../bytes/compression.ts";
import { IceCubeError, within } from "../errors.ts";
import { parsePickle } from "../pickle/parse-pickle.ts";
import { PickleObject, PickleTuple, type PickleDict, type PickleValue } from "../pickle/pickle-value.ts";

/** The answer of an IceTray reco. NaN = the fit failed, or has no such number. */
export interface RecoPixelVariation {
  readonly nside: number;
  readonly pixel: number;
  readonly posvar: number;
  readonly llh: number;
  readonly eInGeV: number;
  readonly eTotGeV: number;
  readonly xM: number;
  readonly yM: number;
  readonly zM: number;
  readonly timeNs: number;
  readonly energyGeV: number;
}

/**
 * `reco_pixel_variation_pkl_b64` of the messages from the predecessor's reco images, read as data.
 * @throws IceCubeError
 */
export function decodeRecoPixelVariation(base64: string): RecoPixelVariation {
  return within("reco_pixel_variation_pkl_b64", () => {
    const object = parsePickle(fromBase64(base64));
    if (!(object instanceof PickleObject) || object.callable.name !== "RecoPixelVariation" || !isDict(object.state)) {
      throw new IceCubeError("garbled", "the pickle holds no RecoPixelVariation");
    }
    const state = object.state;
    const number = (key: string): number => {
      const value = state[key];
      if (typeof value !== "number") throw new IceCubeError("garbled", `${key} is no number`);
      return value;
    };
    return {
      nside: number("nside"),
      pixel: number("pixel_id"),
      posvar: number("posvar_id"),
      llh: number("llh"),
      eInGeV: number("reco_losses_inside"),
      eTotGeV: number("reco_losses_total"),
      ...pickledPosition(state["position"]),
      timeNs: number("time"),
      energyGeV: number("energy"),
    };
  });
}

function isDict(value: PickleValue | undefined): value is PickleDict {
  return typeof value === "object" && value !== null && Object.getPrototypeOf(value) === null;
}

/** The pickled state of an I3Position: class infos and ids (12 bytes), then x, y, z. */
function pickledPosition(value: PickleValue | undefined): { xM: number; yM: number; zM: number } {
  const state = value instanceof PickleObject && value.callable.name === "I3Position" ? value.state : undefined;
  const blob = state instanceof PickleTuple ? state.items[1] : undefined;
  if (!(blob instanceof Uint8Array)) throw new IceCubeError("garbled", "position is no I3Position");
  const reader = new ByteReader(blob);
  reader.bytes(12);
  const position = { xM: reader.f64(), yM: reader.f64(), zM: reader.f64() };
  reader.end();
  return position;
}

/** The pickle (protocol 4) of a RecoPixelVariation in base64, byte for byte as Python writes it in those images. */
export function encodeRecoPixelVariation(answer: RecoPixelVariation): string {
  const { nside, pixel, posvar } = answer;
  const body = new ByteWriter();
  // Each text and tuple is memoized (\x94) as the pickler does; numbers are not.
  const text = (value: string): ByteWriter => body.latin1("\x8c").u8(value.length).latin1(value).latin1("\x94");
  const double = (key: string, value: number): ByteWriter => text(key).latin1("G").f64BigEndian(value);
  const integer = (value: number): ByteWriter => {
    if (value >= 0 && value < 0x100) return body.latin1("K").u8(value);
    return value >= 0 && value < 0x10000 ? body.latin1("M").u16(value) : body.latin1("J").i32(value);
  };
  text("skymap_scanner.utils.pixel_classes");
  text("RecoPixelVariation").latin1("\x93\x94)\x81\x94}\x94(");
  double("llh", answer.llh);
  double("reco_losses_inside", answer.eInGeV);
  double("reco_losses_total", answer.eTotGeV);
  text("position");
  text("icecube._dataclasses");
  text("I3Position").latin1("\x93\x94)R\x94}\x94C").u8(36);
  // Class info and id of I3Position and of its base.
  for (const id of [0, 1]) body.u16(1).u32(id);
  body.f64(answer.xM).f64(answer.yM).f64(answer.zM).latin1("\x94\x86\x94b");
  double("time", answer.timeNs);
  double("energy", answer.energyGeV);
  text("nside");
  integer(nside);
  text("pixel_id");
  integer(pixel);
  text("posvar_id");
  integer(posvar);
  text("id_tuple");
  for (const value of [nside, pixel, posvar]) integer(value);
  const rest = body.latin1("\x87\x94ub.").finish();
  return toBase64(new ByteWriter().latin1("\x80\x04\x95").u64(BigInt(rest.length)).bytes(rest).finish());
}
