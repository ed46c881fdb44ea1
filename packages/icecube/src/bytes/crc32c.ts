const reflectedPolynomial = 0x82f63b78;

const table = Uint32Array.from({ length: 256 }, (_, index) => {
  let remainder = index;
  for (let bit = 0; bit < 8; bit++) remainder = remainder & 1 ? (remainder >>> 1) ^ reflectedPolynomial : remainder >>> 1;
  return remainder >>> 0;
});

/**
 * CRC-32C (Castagnoli) as I3Frame uses it: initial value 0 and no final xor, so `"123456789"` gives 0x58E3FA20,
 * not the 0xE3069283 of the usual convention.
 */
export function frameChecksum(bytes: Uint8Array): number {
  let crc = 0;
  for (const byte of bytes) crc = table[(crc ^ byte) & 0xff]! ^ (crc >>> 8);
  return crc >>> 0;
}
