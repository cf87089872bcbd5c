import { BlockList, isIPv4 } from "node:net";
import fc from "fast-check";
import { expect, test } from "vitest";
import { type CidrBlock, parseCidr, renderCidr } from "../../components/core/cidr.ts";
import { isPrivateBlock } from "../../components/core/private-block.ts";

test.each([
  ["10.0.0.0/8", true],
  ["10.20.0.0/16", true],
  ["10.255.255.255/32", true],
  ["172.16.0.0/12", true],
  ["172.31.255.0/24", true],
  ["192.168.0.0/16", true],
  ["100.64.0.0/10", true],
  ["100.127.255.255/32", true],
  ["fc00::/7", true],
  ["fd12:3456::/48", true],
  ["8.0.0.0/7", false],
  ["11.0.0.0/8", false],
  ["172.32.0.0/16", false],
  ["172.0.0.0/8", false],
  ["192.169.0.0/16", false],
  ["100.128.0.0/10", false],
  ["198.51.100.0/24", false],
  ["0.0.0.0/0", false],
  ["::/0", false],
  ["2001:db8::/32", false],
  ["fe80::/10", false],
  ["::a00:0/104", false],
])("%s is private: %s", (cidr, isPrivate) => {
  expect(isPrivateBlock(parseCidr(cidr))).toBe(isPrivate);
});

/** Node's own idea of the same ranges. */
const model = new BlockList();
for (const [network, prefix] of [
  ["10.0.0.0", 8],
  ["172.16.0.0", 12],
  ["192.168.0.0", 16],
  ["100.64.0.0", 10],
] as const)
  model.addSubnet(network, prefix, "ipv4");
model.addSubnet("fc00::", 7, "ipv6");

/** The first and the last address of a block. */
function endsOf(block: CidrBlock): string[] {
  const bits = block.family === 4 ? 32 : 128;
  const last = block.address + (1n << BigInt(bits - block.prefixLength)) - 1n;
  return [block.address, last].map((address) => renderCidr({ ...block, address, prefixLength: bits }).split("/")[0] ?? "");
}

test("a block is private exactly if both of its ends are, as Node sees them", () => {
  const near = fc.constantFrom(0x0a000000n, 0xac100000n, 0xc0a80000n, 0x64400000n, 0xac200000n, 0x0b000000n);
  const ipv4 = fc
    .tuple(fc.oneof(near, fc.bigInt({ min: 0n, max: 2n ** 32n - 1n })), fc.integer({ min: 6, max: 32 }))
    .map(([address, prefixLength]): CidrBlock => ({ family: 4, address: cut(address, prefixLength, 32), prefixLength }));
  const ipv6 = fc
    .tuple(fc.bigInt({ min: 0n, max: 2n ** 128n - 1n }), fc.integer({ min: 4, max: 128 }))
    .map(([address, prefixLength]): CidrBlock => ({ family: 6, address: cut(address | (0xfcn << 120n), prefixLength, 128), prefixLength }));
  fc.assert(
    fc.property(fc.oneof(ipv4, ipv6), (block) => {
      const expected = endsOf(block).every((address) => model.check(address, isIPv4(address) ? "ipv4" : "ipv6"));
      expect(isPrivateBlock(block), renderCidr(block)).toBe(expected);
    }),
    { numRuns: 1000 },
  );
});

function cut(address: bigint, prefixLength: number, bits: number): bigint {
  const hostBits = BigInt(bits - prefixLength);
  return (address >> hostBits) << hostBits;
}
