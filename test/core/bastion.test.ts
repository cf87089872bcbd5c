import { expect, test } from "vitest";
import { parseBastion } from "../../components/core/bastion.ts";
import type { BastionSpec } from "../../components/core/bastion-spec.ts";
import { parseCidr } from "../../components/core/cidr.ts";
import { EXAMPLE, exampleBastion } from "../support/bastions.ts";
import { ED25519_A, ED25519_B, ED25519_C, keyOf } from "../support/keys.ts";
import { problemsOf } from "../support/problems.ts";

test("a specification is parsed, with every text read and every default filled in", () => {
  expect(parseBastion(EXAMPLE)).toEqual({
    sshPort: 2222,
    statusPort: 9422,
    tunnelUser: "tunnel",
    consumerUser: "consumer",
    clientCidrs: [{ family: 4, address: 0xc6336400n, prefixLength: 24 }],
    consumerCidrs: [{ family: 4, address: 0x0a140000n, prefixLength: 16 }],
    bindPortRange: { first: 15000, last: 15999 },
    reservedPorts: [2222, 9422],
    tunnels: [
      {
        name: "orders",
        destination: { host: "orders-db.acme.internal", hostPort: 5432 },
        requestedBindPort: 15000,
        bindAddress: { scope: "all" },
      },
      {
        name: "billing",
        destination: { host: "2001:db8::7", hostPort: 3306 },
        requestedBindPort: undefined,
        bindAddress: { scope: "all" },
      },
      {
        name: "flow",
        destination: { host: "db.acme.internal", hostPort: 5678 },
        requestedBindPort: 8080,
        bindAddress: { scope: "loopback" },
      },
      { name: "audit", destination: undefined, requestedBindPort: undefined, bindAddress: { scope: "address", address: "203.0.113.2" } },
    ],
    clients: [
      {
        name: "dc1",
        publicKeys: [keyOf(ED25519_A)],
        generateKey: undefined,
        certificateAuthorities: [],
        certificatePrincipals: [],
        keyGenerations: [],
        // In the bastion's order, whatever the client's is.
        tunnels: ["orders", "billing"],
        sourceCidrs: ["198.51.100.7/32", "198.51.100.64/26"],
        expiresAt: undefined,
      },
      {
        name: "dr-site",
        publicKeys: [keyOf(ED25519_B)],
        generateKey: undefined,
        certificateAuthorities: [],
        certificatePrincipals: [],
        keyGenerations: [],
        tunnels: ["orders", "billing", "flow", "audit"],
        sourceCidrs: [],
        expiresAt: Date.UTC(2027, 5, 30, 23, 59, 59),
      },
    ],
    consumers: [
      {
        name: "flow",
        publicKeys: [keyOf(ED25519_C)],
        generateKey: undefined,
        certificateAuthorities: [],
        certificatePrincipals: [],
        keyGenerations: [],
        tunnels: ["flow", "audit"],
        sourceCidrs: [],
        expiresAt: undefined,
      },
    ],
    operators: [],
    penaltyExemptCidrs: [],
    legacyCiphers: false,
    hostKeyGeneration: 1,
    announceNextHostKeys: false,
  });
});

test("what the author says wins over every default", () => {
  const bastion = exampleBastion({
    sshPort: 2200,
    tunnelUser: "acme",
    consumerUser: "acme-reader",
    bindPortRange: { first: 20000, last: 20010 },
    reservedPorts: [9100, 9101],
    penaltyExemptCidrs: ["203.0.113.0/24"],
    legacyCiphers: true,
  });
  expect(bastion).toMatchObject({
    sshPort: 2200,
    tunnelUser: "acme",
    consumerUser: "acme-reader",
    bindPortRange: { first: 20000, last: 20010 },
    statusPort: 9400,
    reservedPorts: [2200, 9400, 9100, 9101],
    penaltyExemptCidrs: [parseCidr("203.0.113.0/24")],
    legacyCiphers: true,
  });
});

test("a bastion may begin with nothing but who may come", () => {
  const bastion = parseBastion({ clientCidrs: ["198.51.100.0/24"], consumerCidrs: [], tunnels: [], clients: [] });
  expect(bastion).toMatchObject({ tunnels: [], clients: [], consumers: [], consumerCidrs: [] });
});

test("blocks are kept in their canonical form: sshd compares addresses, people compare text", () => {
  const bastion = exampleBastion({
    clientCidrs: ["2001:DB8:0::/32"],
    clients: [{ name: "dc1", generateKey: "ed25519", sourceCidrs: ["2001:0DB8::/48"] }],
  });
  expect(bastion.clients[0]?.sourceCidrs).toEqual(["2001:db8::/48"]);
});

test("the specification is not changed", () => {
  const freeze = <T>(value: T): T => {
    if (typeof value === "object" && value !== null) for (const inner of Object.values(Object.freeze(value))) freeze(inner);
    return value;
  };
  expect(() => parseBastion(freeze(structuredClone(EXAMPLE)))).not.toThrow();
});

test("everything that is wrong is said at once, and nothing is parsed", () => {
  const spec: BastionSpec = {
    ...EXAMPLE,
    clientCidrs: [],
    sshPort: 22,
    tunnels: [{ name: "Orders", destination: "db", bindPort: 70000, bindAddress: "eth0" }],
    clients: [{ name: "dc1", publicKeys: [], expiresAt: "soon" }],
    consumers: [],
  };
  expect(problemsOf(() => parseBastion(spec)).map(({ path }) => path)).toEqual([
    "clientCidrs",
    "sshPort",
    "tunnels[0].bindPort",
    "tunnels[0].name",
    "tunnels[0].destination",
    "tunnels[0].bindAddress",
    "clients[0].publicKeys",
    "clients[0].expiresAt",
  ]);
});
