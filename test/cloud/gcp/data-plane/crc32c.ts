/** Castagnoli's polynomial, its bits turned around. */
const POLYNOMIAL = 0x82f63b78;

/** The checksum that Google's services give along with data (RFC 3720, appendix B.4). */
export function crc32c(data: Uint8Array): number {
  let sum = 0xffffffff;
  for (const byte of data) {
    sum ^= byte;
    for (let bit = 0; bit < 8; bit += 1) sum = sum & 1 ? (sum >>> 1) ^ POLYNOMIAL : sum >>> 1;
  }
  return (sum ^ 0xffffffff) >>> 0;
}
