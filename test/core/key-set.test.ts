import { expect, test } from "vitest";
import { placeTunnels } from "../../components/core/forward.ts";
import { type GeneratedPublicKeys, makeKeySet, renderKeySet } from "../../components/core/key-set.ts";
import { exampleBastion, exampleTunnels } from "../support/bastions.ts";
import { ECDSA_P256, ED25519_A, ED25519_B, ED25519_C, keyOf, RSA_3072 } from "../support/keys.ts";

const NONE: GeneratedPublicKeys = { clients: {}, consumers: {}, operators: {} };
const USERS = { tunnel: "tunnel", consumer: "consumer" };

const dc1Line = `restrict,port-forwarding,permitlisten="15000",permitlisten="15001",permitopen="127.0.0.1:1",from="198.51.100.7/32,198.51.100.64/26" ${ED25519_A.line} dc1`;
const drSiteLine = `restrict,port-forwarding,permitlisten="15000",permitlisten="15001",permitlisten="localhost:8080",permitlisten="127.0.0.1:8080",permitlisten="203.0.113.2:15002",permitopen="127.0.0.1:1",expiry-time="20270630235959Z" ${ED25519_B.line} dr-site`;
const flowLine = `restrict,port-forwarding,permitlisten="127.0.0.1:1",permitopen="localhost:8080",permitopen="127.0.0.1:8080",permitopen="203.0.113.2:15002" ${ED25519_C.line} flow`;

const TUNNELS = [
  { name: "orders", bindPort: 15000, bindAddress: "all" },
  { name: "billing", bindPort: 15001, bindAddress: "all" },
  { name: "flow", bindPort: 8080, bindAddress: "loopback" },
  { name: "audit", bindPort: 15002, bindAddress: "203.0.113.2" },
];

const permitListen = ["15000", "15001", "localhost:8080", "127.0.0.1:8080", "203.0.113.2:15002"];
const permitOpen = [
  ...["localhost:15000", "127.0.0.1:15000", "localhost:15001", "127.0.0.1:15001"],
  ...["localhost:8080", "127.0.0.1:8080", "203.0.113.2:15002"],
];

test("each login user has its own keys, and rights in its own direction only", () => {
  expect(makeKeySet(exampleBastion(), USERS, exampleTunnels(), NONE)).toEqual({
    version: 1,
    users: {
      tunnel: { keys: [dc1Line, drSiteLine], permitListen, permitOpen: [] },
      consumer: { keys: [flowLine], permitListen: [], permitOpen },
    },
    tunnels: TUNNELS,
  });
});

test("where there is one user for both, it has all keys, and each key line keeps to its own direction", () => {
  expect(makeKeySet(exampleBastion(), { tunnel: "me", consumer: "me" }, exampleTunnels(), NONE)).toEqual({
    version: 1,
    users: { me: { keys: [dc1Line, drSiteLine, flowLine], permitListen, permitOpen } },
    tunnels: TUNNELS,
  });
});

test("without consumers nobody may connect to anything", () => {
  const { users } = makeKeySet(exampleBastion({ consumers: [] }), USERS, exampleTunnels(), NONE);
  expect(users.consumer).toEqual({ keys: [], permitListen: [], permitOpen: [] });
});

test("an operator logs in as consumers do, and reaches the status port and nothing else", () => {
  const operators = [
    { name: "on-call", publicKeys: [ECDSA_P256.line] },
    { name: "prometheus", generateKey: "rsa-pem" },
  ] as const;
  const generated = { ...NONE, operators: { prometheus: [keyOf(RSA_3072)] } };
  const operatorLine = (line: string, name: string) =>
    `restrict,port-forwarding,permitlisten="127.0.0.1:1",permitopen="127.0.0.1:9422" ${line} ${name}`;
  const lines = [operatorLine(ECDSA_P256.line, "on-call"), operatorLine(RSA_3072.line, "prometheus")];
  const { users } = makeKeySet(exampleBastion({ operators }), USERS, exampleTunnels(), generated);
  expect(users.tunnel).toEqual({ keys: [dc1Line, drSiteLine], permitListen, permitOpen: [] });
  expect(users.consumer).toEqual({ keys: [flowLine, ...lines], permitListen: [], permitOpen: [...permitOpen, "127.0.0.1:9422"] });
  const alone = makeKeySet(exampleBastion({ operators, consumers: [], statusPort: 9100 }), USERS, exampleTunnels(), generated);
  expect(alone.users.consumer).toEqual({
    keys: lines.map((line) => line.replace("9422", "9100")),
    permitListen: [],
    permitOpen: ["127.0.0.1:9100"],
  });
});

test("a generated key stands with its owner, and a client and a consumer of one name do not share it", () => {
  const bastion = exampleBastion({
    clients: [{ name: "flow", generateKey: "ed25519", tunnels: ["orders"] }],
    consumers: [{ name: "flow", generateKey: "rsa-pem", tunnels: ["orders"] }],
  });
  const generated = { ...NONE, clients: { flow: [keyOf(ED25519_A)] }, consumers: { flow: [keyOf(ECDSA_P256)] } };
  const { users } = makeKeySet(bastion, USERS, exampleTunnels(), generated);
  expect(users.tunnel?.keys).toEqual([`restrict,port-forwarding,permitlisten="15000",permitopen="127.0.0.1:1" ${ED25519_A.line} flow`]);
  expect(users.consumer?.keys).toEqual([
    `restrict,port-forwarding,permitlisten="127.0.0.1:1",permitopen="localhost:15000",permitopen="127.0.0.1:15000" ${ECDSA_P256.line} flow`,
  ]);
});

test("two keys of one client, as during a rotation, are both there with the same rights", () => {
  const bastion = exampleBastion({
    clients: [{ name: "dc1", publicKeys: [ED25519_A.line, ED25519_B.line], tunnels: ["orders"] }],
    consumers: [],
  });
  expect(makeKeySet(bastion, USERS, exampleTunnels(), NONE).users.tunnel?.keys).toEqual([
    `restrict,port-forwarding,permitlisten="15000",permitopen="127.0.0.1:1" ${ED25519_A.line} dc1`,
    `restrict,port-forwarding,permitlisten="15000",permitopen="127.0.0.1:1" ${ED25519_B.line} dc1`,
  ]);
});

test("while a generated key is changed, the key of the generation before stands behind it with the same rights", () => {
  const bastion = exampleBastion({
    clients: [{ name: "dc1", generateKey: "ed25519", keyGeneration: 2, keepPreviousKey: true, tunnels: ["orders"] }],
    consumers: [],
  });
  const generated = { ...NONE, clients: { dc1: [keyOf(ED25519_B), keyOf(ED25519_A)] } };
  expect(makeKeySet(bastion, USERS, exampleTunnels(), generated).users.tunnel?.keys).toEqual([
    `restrict,port-forwarding,permitlisten="15000",permitopen="127.0.0.1:1" ${ED25519_B.line} dc1`,
    `restrict,port-forwarding,permitlisten="15000",permitopen="127.0.0.1:1" ${ED25519_A.line} dc1`,
  ]);
});

test("a client may be called as everything is that objects have by themselves", () => {
  const bastion = exampleBastion({ clients: [{ name: "constructor", publicKeys: [ED25519_A.line], tunnels: ["orders"] }], consumers: [] });
  expect(makeKeySet(bastion, USERS, exampleTunnels(), NONE).users.tunnel?.keys).toEqual([
    `restrict,port-forwarding,permitlisten="15000",permitopen="127.0.0.1:1" ${ED25519_A.line} constructor`,
  ]);
});

test("the key of a client without a tunnel is good for nothing", () => {
  const keySet = makeKeySet({ ...exampleBastion(), tunnels: [] }, USERS, [], NONE);
  for (const line of Object.values(keySet.users).flatMap(({ keys }) => keys))
    expect(line).toMatch(/^restrict,port-forwarding,permitlisten="127\.0\.0\.1:1",permitopen="127\.0\.0\.1:1"/);
});

test("a bastion without clients has an empty set for each user", () => {
  const bastion = exampleBastion({ tunnels: [], clients: [], consumers: [] });
  expect(makeKeySet(bastion, USERS, placeTunnels([], {}), NONE)).toEqual({
    version: 1,
    users: { tunnel: { keys: [], permitListen: [], permitOpen: [] }, consumer: { keys: [], permitListen: [], permitOpen: [] } },
    tunnels: [],
  });
});

test("the mailbox gets JSON with one key a line", () => {
  const keySet = makeKeySet(exampleBastion({ consumers: [] }), USERS, exampleTunnels(), NONE);
  const text = renderKeySet(keySet);
  expect(JSON.parse(text)).toEqual(keySet);
  expect(text.endsWith("}\n")).toBe(true);
  expect(text.split("\n").filter((line) => line.includes("restrict,"))).toEqual([
    `    ${JSON.stringify(dc1Line)},`,
    `    ${JSON.stringify(drSiteLine)}`,
  ]);
});
