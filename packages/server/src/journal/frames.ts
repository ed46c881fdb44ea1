import { crc32c } from "@skyscan/icecube";

/** `SKYJ`, little-endian: where a reader finds the next record behind damage. */
const magic = 0x4a594b53;
const headBytes = 12;
/** No record is larger: a larger length is damage. */
const maxPayloadBytes = 16 * 1024 * 1024;
/** Bytes that are checksummed in vain behind damage; after that only small records, results above all, are looked for there. */
const maxVainBytes = 64 * 1024 * 1024;
const smallPayloadBytes = 1024;

/** `[magic u32][length u32][crc32c u32][payload]`, little-endian. */
export function frame(payload: Uint8Array): Uint8Array {
  const framed = Buffer.allocUnsafe(headBytes + payload.length);
  framed.writeUInt32LE(magic, 0);
  framed.writeUInt32LE(payload.length, 4);
  framed.writeUInt32LE(crc32c(payload), 8);
  framed.set(payload, headBytes);
  return framed;
}

export interface FrameScan {
  /** Bytes up to the end of the last good record: what follows is a torn tail. */
  readonly goodBytes: number;
  /** Stretches in the middle that were skipped to the next magic. */
  readonly damagedStretches: number;
}

/**
 * Calls `found` with each payload of a journal, chunk by chunk, so that a journal of gigabytes needs little memory.
 * Damage in the middle is skipped up to the next record that checks.
 */
export function createFrameReader(found: (payload: Uint8Array) => void): { push(chunk: Uint8Array): void; end(): FrameScan } {
  let rest = new Uint8Array(0);
  let consumed = 0;
  let goodBytes = 0;
  let damagedStretches = 0;
  let inDamage = false;
  let vainBytes = 0;

  const skipTo = (from: number, bytes: Uint8Array, view: DataView): number => {
    inDamage = true;
    let at = from;
    while (at + 4 <= bytes.length && view.getUint32(at, true) !== magic) at += 1;
    return at;
  };

  function parse(bytes: Uint8Array, last: boolean): number {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    let at = 0;
    while (at + headBytes <= bytes.length) {
      if (view.getUint32(at, true) !== magic) {
        at = skipTo(at + 1, bytes, view);
        continue;
      }
      const length = view.getUint32(at + 4, true);
      if (length > maxPayloadBytes || (inDamage && vainBytes > maxVainBytes && length > smallPayloadBytes)) {
        at = skipTo(at + 1, bytes, view);
        continue;
      }
      const end = at + headBytes + length;
      if (end > bytes.length) {
        if (!last) return at;
        // The length itself may be the damage: look for records behind it.
        at = skipTo(at + 1, bytes, view);
        continue;
      }
      const payload = bytes.subarray(at + headBytes, end);
      if (crc32c(payload) !== view.getUint32(at + 8, true)) {
        vainBytes += length;
        at = skipTo(at + 1, bytes, view);
        continue;
      }
      if (inDamage) damagedStretches += 1;
      inDamage = false;
      found(payload);
      at = end;
      goodBytes = consumed + end;
    }
    return at;
  }

  return {
    push(chunk) {
      const bytes = new Uint8Array(rest.length + chunk.length);
      bytes.set(rest);
      bytes.set(chunk, rest.length);
      const used = parse(bytes, false);
      rest = bytes.slice(used);
      consumed += used;
    },
    end() {
      parse(rest, true);
      return { goodBytes, damagedStretches };
    },
  };
}
