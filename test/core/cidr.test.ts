import { BlockList } from "node:net";
import fc from "fast-check";
import { expect, test } from "vitest";
import { type CidrBlock, checkCidr, cidrContains, isOpenToWorld, parseCidr, renderCidr } from "../../components/core/cidr.ts";
import { problemsOf } from "../support/problems.ts";

const BITS = { 4: 32, 6: 128 } as const;

/** Any block, with the host bits of its address cleared. */
const block: fc.Arbitrary<CidrBlock> = fc.constantFrom(4 as const, 6 as const).chain((family) =>
  fc
    .record({ bits: fc.bigInt({ min: 0n, max: 2n ** BigInt(BITS[family]) - 1n }), prefixLength: fc.nat({ max: BITS[family] }) })
    .map(({ bits, prefixLength }) => {
      const hostBits = BigInt(BITS[family] - prefixLength);
      return { family, prefixLength, address: (bits >> hostBits) << hostBits };
    }),
);

/** A block inside of another. */
const blockWithin = (outer: CidrBlock): fc.Arbitrary<CidrBlock> => {
  const free = BITS[outer.family] - outer.prefixLength;
  return fc.record({ bits: fc.bigInt({ min: 0n, max: 2n ** BigInt(free) - 1n }), more: fc.nat({ max: free }) }).map(({ bits, more }) => {
    const hostBits = BigInt(free - more);
    return { family: outer.family, prefixLength: outer.prefixLength + more, address: outer.address + ((bits >> hostBits) << hostBits) };
  });
};

test.each([
  ["0.0.0.0/0", { family: 4, address: 0n, prefixLength: 0 }],
  ["10.0.0.0/8", { family: 4, address: 0x0a000000n, prefixLength: 8 }],
  ["198.51.100.7/32", { family: 4, address: 0xc6336407n, prefixLength: 32 }],
  ["255.255.255.255/32", { family: 4, address: 0xffffffffn, prefixLength: 32 }],
  ["::/0", { family: 6, address: 0n, prefixLength: 0 }],
  ["2001:db8::/32", { family: 6, address: 0x20010db8n << 96n, prefixLength: 32 }],
  ["fe80::1/128", { family: 6, address: (0xfe80n << 112n) + 1n, prefixLength: 128 }],
  ["::ffff:10.0.0.0/104", { family: 6, address: (0xffffn << 32n) + 0x0a000000n, prefixLength: 104 }],
])("%s is read bit by bit", (text, expected) => {
  expect(parseCidr(text)).toEqual(expected);
});

test.each([
  ["10.0.0.0/08", "10.0.0.0/8"],
  ["2001:DB8::/32", "2001:db8::/32"],
  ["2001:0db8:0000:0000:0000:0000:0000:0000/32", "2001:db8::/32"],
  ["0:0:0:0:0:0:0:0/0", "::/0"],
  ["0:0:0:0:0:0:0:1/128", "::1/128"],
  ["2001:db8:0:0:1:0:0:0/80", "2001:db8:0:0:1::/80"],
  ["2001:db8:0:0:1:0:0:1/128", "2001:db8::1:0:0:1/128"],
  ["1:0:0:0:0:0:0:0/16", "1::/16"],
  ["2001:db8:0:1:1:1:1:1/128", "2001:db8:0:1:1:1:1:1/128"],
  ["1:10:0:0:100:0:0:0/80", "1:10:0:0:100::/80"],
  ["a0:0:0:a0:0:0:0:0a/128", "a0:0:0:a0::a/128"],
  ["::ffff:198.51.100.0/120", "::ffff:c633:6400/120"],
  ["::198.51.100.7/128", "::c633:6407/128"],
  ["64:ff9b::192.0.2.0/120", "64:ff9b::c000:200/120"],
])("%s is rendered in its canonical form, %s", (text, canonical) => {
  expect(renderCidr(parseCidr(text))).toBe(canonical);
});

test.each([
  ["10.0.0.5/24", "10.0.0.0/24", "10.0.0.5/32"],
  ["198.51.100.7/31", "198.51.100.6/31", "198.51.100.7/32"],
  ["128.0.0.0/0", "0.0.0.0/0", "128.0.0.0/32"],
  ["2001:db8::1/64", "2001:db8::/64", "2001:db8::1/128"],
  ["::ffff:10.0.0.5/120", "::ffff:a00:0/120", "::ffff:10.0.0.5/128"],
])("%s has host bits: both remedies are named", (text, asBlock, asAddress) => {
  const reason = `"${text}" has host bits set; write "${asBlock}" for the block or "${asAddress}" for the one address`;
  expect(problemsOf(() => parseCidr(text))).toEqual([{ path: "", reason }]);
  expect(checkCidr(asBlock)).toBeUndefined();
  expect(checkCidr(asAddress)).toBeUndefined();
});

test.each([
  ["198.51.100.7", "198.51.100.7/32"],
  ["2001:db8::7", "2001:db8::7/128"],
])("%s without a prefix length is refused, with the form for one address", (text, remedy) => {
  const reason = `got "${text}" without a prefix length; for this one address write "${remedy}"`;
  expect(problemsOf(() => parseCidr(text))).toEqual([{ path: "", reason }]);
});

test.each([
  ["10.0.0.0/33", "33", 32],
  ["10.0.0.0/-1", "-1", 32],
  ["10.0.0.0/", "", 32],
  ["10.0.0.0/8x", "8x", 32],
  ["10.0.0.0/ 8", " 8", 32],
  ["10.0.0.0/255.0.0.0", "255.0.0.0", 32],
  ["::/129", "129", 128],
  ["::/1e2", "1e2", 128],
])("%s is refused for its prefix length", (text, prefix, bits) => {
  expect(checkCidr(text)).toBe(`got the prefix length ${JSON.stringify(prefix)} in "${text}"; allowed is 0–${bits}`);
});

test.each([
  "",
  "/",
  "/24",
  "all",
  "any",
  "*",
  "localhost/8",
  "10.0.0/24",
  "10.0.0.0.0/24",
  "10.0.0.256/32",
  "010.0.0.0/8",
  "0x0a.0.0.0/8",
  "10.0.0.0/8/8",
  " 10.0.0.0/8",
  "10.0.0.0/8,10.1.0.0/16",
  "!10.0.0.0/8",
  "[2001:db8::]/32",
  "2001:db8/32",
  "2001:db8:::/32",
  "1::2::3/128",
  "fe80::1%eth0/64",
  ":ffff:10.0.0.0/104",
  "::10.0.0/104",
])("%j is no block at all", (text) => {
  expect(checkCidr(text)).toBe(`got ${JSON.stringify(text)}; expected a CIDR block such as "198.51.100.0/24"`);
});

test("a newline in a block cannot start a line of its own, neither in what is written nor in the message", () => {
  expect(checkCidr("10.0.0.0/8\nPermitRootLogin yes")).toBe(
    'got the prefix length "8\\nPermitRootLogin yes" in "10.0.0.0/8\\nPermitRootLogin yes"; allowed is 0–32',
  );
});

test("a very long text is shortened in the message", () => {
  expect(checkCidr("1".repeat(1000))).toMatch(/^got "1{12,56}…"; expected a CIDR block such as "198\.51\.100\.0\/24"$/);
});

test("rendering and reading again gives the same block", () => {
  fc.assert(
    fc.property(block, (any) => {
      expect(parseCidr(renderCidr(any))).toEqual(any);
    }),
    { numRuns: 2000 },
  );
});

test("the rendering is canonical: reading and rendering it changes nothing, and no other spelling of the block differs from it", () => {
  const groupsOf = (address: bigint) => Array.from({ length: 8 }, (_, i) => ((address >> BigInt(16 * (7 - i))) & 0xffffn).toString(16));
  fc.assert(
    fc.property(
      block.filter(({ family }) => family === 6),
      fc.boolean(),
      (any, inUpperCase) => {
        const canonical = renderCidr(any);
        const long = `${groupsOf(any.address)
          .map((group) => group.padStart(4, "0"))
          .join(":")}/${any.prefixLength}`;
        expect(renderCidr(parseCidr(canonical))).toBe(canonical);
        expect(renderCidr(parseCidr(inUpperCase ? long.toUpperCase() : long))).toBe(canonical);
      },
    ),
    { numRuns: 1000 },
  );
});

test("the canonical form of an IPv6 address is the one a URL gets (RFC 5952)", () => {
  const sparse = fc
    .array(fc.constantFrom(0n, 0n, 0n, 1n, 0xabn, 0xffffn), { minLength: 8, maxLength: 8 })
    .map((groups) => groups.reduce<bigint>((bits, group) => (bits << 16n) | group, 0n));
  fc.assert(
    fc.property(sparse, (address) => {
      const text = renderCidr({ family: 6, address, prefixLength: 128 });
      expect(`[${text.slice(0, -"/128".length)}]`).toBe(new URL(`http://[${text.slice(0, -"/128".length)}]`).hostname);
    }),
    { numRuns: 1000 },
  );
});

test("a block contains itself", () => {
  fc.assert(fc.property(block, (any) => cidrContains(any, any)));
});

test("a block within a block within a block lies in the outermost", () => {
  const nested = block.chain((outer) =>
    blockWithin(outer).chain((middle) => blockWithin(middle).map((inner) => [outer, middle, inner] as const)),
  );
  fc.assert(
    fc.property(nested, ([outer, middle, inner]) => {
      expect([cidrContains(outer, middle), cidrContains(middle, inner), cidrContains(outer, inner)]).toEqual([true, true, true]);
    }),
    { numRuns: 1000 },
  );
});

test("a larger block lies in no smaller one, and no block in one of the other family", () => {
  fc.assert(
    fc.property(
      block.chain((outer) => blockWithin(outer).map((inner) => [outer, inner] as const)),
      ([outer, inner]) => {
        expect(cidrContains(inner, outer)).toBe(outer.prefixLength === inner.prefixLength);
      },
    ),
  );
  expect(cidrContains(parseCidr("::/0"), parseCidr("10.0.0.0/8"))).toBe(false);
  expect(cidrContains(parseCidr("0.0.0.0/0"), parseCidr("::ffff:10.0.0.0/104"))).toBe(false);
});

test("what a block contains is what node's BlockList says", () => {
  const probe = block.chain((outer) =>
    fc
      .oneof(
        blockWithin(outer).map(({ address }) => address),
        fc.bigInt({ min: 0n, max: 2n ** BigInt(BITS[outer.family]) - 1n }),
        // The neighbours on both sides, where an error by one would show.
        fc.constantFrom(outer.address - 1n, outer.address + 2n ** BigInt(BITS[outer.family] - outer.prefixLength)),
      )
      .filter((address) => address >= 0n && address < 2n ** BigInt(BITS[outer.family]))
      .map((address) => [outer, { family: outer.family, address, prefixLength: BITS[outer.family] }] as const),
  );
  fc.assert(
    fc.property(probe, ([outer, address]) => {
      const family = outer.family === 4 ? "ipv4" : "ipv6";
      const [network = "", prefix] = renderCidr(outer).split("/");
      const judge = new BlockList();
      judge.addSubnet(network, Number(prefix), family);
      expect(cidrContains(outer, address)).toBe(judge.check(renderCidr(address).split("/")[0] ?? "", family));
    }),
    { numRuns: 1000 },
  );
});

test.each([
  ["0.0.0.0/0", true],
  ["::/0", true],
  ["0.0.0.0/1", false],
  ["0.0.0.0/32", false],
  ["::/1", false],
])("whether %s is the whole world: %s", (text, expected) => {
  expect(isOpenToWorld(parseCidr(text))).toBe(expected);
});
