const reflectedPolynomial = 0x82f63b78;

const table = Uint32Array.from({ length: 256 }, (_, index) => {
  let remainder = index;
  for (let bit = 0; bit < 8; bit++) remainder = remainder & 1 ? (remainder >>> 1) ^ reflectedPolynomial : remainder >>> 1;
  return remainder >>> 0;
});

function remainderOf(bytes: Uint8Array, initial: number): number {
  let crc = initial;
  for (let at = 0; at < bytes.length; at += 1) crc = table[(crc ^ bytes[at]!) & 0xff]! ^ (crc >>> 8);
  return crc;
}

/** CRC-32C (Castagnoli) of the usual convention (RFC 3720, appendix B.4): `"123456789"` gives 0xE3069283. */
export const crc32c = (bytes: Uint8Array): number => (remainderOf(bytes, 0xffffffff) ^ 0xffffffff) >>> 0;

/** CRC-32C as I3Frame uses it: initial value 0 and no final xor, so `"123456789"` gives 0x58E3FA20. */
export const frameChecksum = (bytes: Uint8Array): number => remainderOf(bytes, 0) >>> 0;
