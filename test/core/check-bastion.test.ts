import fc from "fast-check";
import { expect, test } from "vitest";
import type { BastionSpec, ClientSpec, TunnelSpec } from "../../components/core/bastion-spec.ts";
import { checkBastion, type PartialSpec } from "../../components/core/check-bastion.ts";
import type { Problem } from "../../components/core/problem.ts";
import { EXAMPLE } from "../support/bastions.ts";
import { ECDSA_P256, ED25519_A, ED25519_B, ED25519_C } from "../support/keys.ts";

const check = (changes: Partial<BastionSpec>): Problem[] => checkBastion({ ...EXAMPLE, ...changes });
const tunnel = (changes: Partial<TunnelSpec>): TunnelSpec => ({ name: "orders", ...changes });
const client = (changes: Partial<ClientSpec>): ClientSpec => ({ name: "dc1", generateKey: "ed25519", ...changes });
const withTunnel = (changes: Partial<TunnelSpec>) => check({ tunnels: [tunnel(changes)], clients: [], consumers: [] });
const withClient = (changes: Partial<ClientSpec>) => check({ clients: [client(changes)], consumers: [] });

test("the example has no problem", () => {
  expect(checkBastion(EXAMPLE)).toEqual([]);
});

test("what is missing is somebody else's business", () => {
  expect(checkBastion({})).toEqual([]);
  const spec = { tunnels: [{}], clients: [undefined], consumers: [{ generateKey: "ed25519" }], clientCidrs: [undefined] };
  expect(checkBastion(spec as unknown as PartialSpec)).toEqual([]);
});

// Who may come.

test("nobody may log in: an empty clientCidrs is refused", () => {
  expect(check({ clientCidrs: [], clients: [], consumers: [] })).toEqual([
    { path: "clientCidrs", reason: 'is empty, so nobody could log in; name the CIDR blocks that may, such as "198.51.100.0/24"' },
  ]);
});

test("nobody may reach a tunnel: an empty consumerCidrs is refused while a tunnel is not on loopback", () => {
  expect(check({ consumerCidrs: [] })).toEqual([
    {
      path: "consumerCidrs",
      reason:
        'is empty, so nobody could reach orders, billing, audit; name the CIDR blocks that may, or set "bindAddress: loopback" on the tunnels',
    },
  ]);
  expect(check({ consumerCidrs: [], tunnels: [tunnel({ bindAddress: "loopback" })], clients: [], consumers: [] })).toEqual([]);
});

test.each(["clientCidrs", "consumerCidrs"] as const)("each bad block of %s is named at its place", (field) => {
  const problems = check({ [field]: ["198.51.100.0/24", "10.0.0.5/24", "0.0.0.0/0", "anywhere"], clients: [], consumers: [] });
  expect(problems).toEqual([
    {
      path: `${field}[1]`,
      reason: '"10.0.0.5/24" has host bits set; write "10.0.0.0/24" for the block or "10.0.0.5/32" for the one address',
    },
    { path: `${field}[3]`, reason: 'got "anywhere"; expected a CIDR block such as "198.51.100.0/24"' },
  ]);
});

test("opening to the world is allowed where it is written down", () => {
  expect(check({ clientCidrs: ["0.0.0.0/0", "::/0"], consumerCidrs: ["0.0.0.0/0"] })).toEqual([]);
});

// Users and ports.

test.each(["tunnelUser", "consumerUser"] as const)("a bad %s is refused", (field) => {
  expect(check({ [field]: "root" })).toEqual([
    { path: field, reason: '"root" is a system account; choose a user of the bastion\'s own, such as "tunnel"' },
  ]);
  expect(check({ [field]: "tunnel*\nx" })).toEqual([
    { path: field, reason: 'got "tunnel*\\nx"; a login user is 1–32 of a–z, 0–9, "_" and "-", and begins with a letter or "_"' },
  ]);
});

test.each([
  [{ tunnelUser: "consumer" }, "consumer"],
  [{ consumerUser: "tunnel" }, "tunnel"],
  [{ tunnelUser: "acme", consumerUser: "acme" }, "acme"],
])("clients and consumers cannot share a user: %j", (users, shared) => {
  expect(check(users)).toEqual([
    { path: "consumerUser", reason: `clients and consumers cannot share the user "${shared}"; give consumers one of their own` },
  ]);
});

test.each([0, -1, 1.5, Number.NaN])("hostKeyGeneration %d is refused", (hostKeyGeneration) => {
  const reason = `got ${hostKeyGeneration}; the first host keys are 1, and each change of them counts it up by one`;
  expect(check({ hostKeyGeneration })).toEqual([{ path: "hostKeyGeneration", reason }]);
  expect(check({ hostKeyGeneration: 2, announceNextHostKeys: true })).toEqual([]);
});

test.each([22, 0, -1, 1023, 32768, 70000, 2222.5, Number.NaN])("sshPort %d is refused", (sshPort) => {
  expect(check({ sshPort })).toEqual([
    { path: "sshPort", reason: `got ${sshPort}; allowed is 1024–32767, usually 2222 (22 is left to the host's own sshd)` },
  ]);
});

test.each([
  [22, "got 22; a bind port is 1024–32767 (below are privileged ports, above the kernel's outgoing ones)"],
  [70000, "got 70000; a bind port is 1024–32767 (below are privileged ports, above the kernel's outgoing ones)"],
  [2222, "got 2222, which is reserved (sshd's own port, the status port, or one of reservedPorts); choose another"],
  [9100, "got 9100, which is reserved (sshd's own port, the status port, or one of reservedPorts); choose another"],
])("bindPort %d is refused at its path", (bindPort, reason) => {
  expect(check({ tunnels: [tunnel({}), tunnel({ name: "b", bindPort })], clients: [], consumers: [], reservedPorts: [9100] })).toEqual([
    { path: "tunnels[1].bindPort", reason },
  ]);
});

test("sshd's own port is the one it really listens on", () => {
  expect(check({ sshPort: 15000 })).toEqual([
    {
      path: "tunnels[0].bindPort",
      reason: "got 15000, which is reserved (sshd's own port, the status port, or one of reservedPorts); choose another",
    },
  ]);
  expect(check({ sshPort: 2200, tunnels: [tunnel({ bindPort: 2222 })], clients: [], consumers: [] })).toEqual([]);
});

test("no tunnel may have the status port, wherever it is", () => {
  const reason = (port: number) =>
    `got ${port}, which is reserved (sshd's own port, the status port, or one of reservedPorts); choose another`;
  const at = (bindPort: number, changes: Partial<BastionSpec> = {}) =>
    check({ tunnels: [tunnel({ bindPort })], clients: [], consumers: [], ...changes });
  expect(at(9422)).toEqual([{ path: "tunnels[0].bindPort", reason: reason(9422) }]);
  expect(at(9400, { sshPort: 2200 })).toEqual([{ path: "tunnels[0].bindPort", reason: reason(9400) }]);
  expect(at(9100, { statusPort: 9100 })).toEqual([{ path: "tunnels[0].bindPort", reason: reason(9100) }]);
  expect(at(9422, { statusPort: 9100 })).toEqual([]);
});

test.each([
  [{ statusPort: 80 }, "got 80; allowed is 1024–32767"],
  [{ statusPort: 2222.5 }, "got 2222.5; allowed is 1024–32767"],
  [{ statusPort: 2222 }, "got 2222, which is sshd's own port; name a free port"],
  [{ statusPort: 2200, sshPort: 2200 }, "got 2200, which is sshd's own port; name a free port"],
  [{ statusPort: 9100, reservedPorts: [9100] }, "got 9100, which is one of reservedPorts, and so another program's; name a free port"],
  [{ reservedPorts: [9422] }, "is 9422 unless it is given, and that is one of reservedPorts, and so another program's; name a free port"],
])("a status port that cannot be had: %j", (changes, reason) => {
  expect(check(changes)).toEqual([{ path: "statusPort", reason }]);
});

test("an operator is checked as everybody who logs in, and shares its key with nobody", () => {
  const operators = [
    { name: "On Call" },
    { name: "on-call", publicKeys: [ED25519_A.line], sourceCidrs: ["10.0.0.0/8"] },
    { name: "on-call", generateKey: "ed25519", expiresAt: "soon" },
  ] as const;
  expect(check({ operators }).map(({ path }) => path)).toEqual([
    "operators[0].name",
    "operators[2].name",
    "operators[0].publicKeys",
    "operators[1].sourceCidrs[0]",
    "operators[2].expiresAt",
    "operators[1].publicKeys[0]",
  ]);
});

test("two tunnels cannot insist on one port", () => {
  const tunnels = [tunnel({ bindPort: 15000 }), tunnel({ name: "b", bindPort: 15000 })];
  expect(check({ tunnels, clients: [], consumers: [] })).toEqual([
    { path: "tunnels[1].bindPort", reason: 'tunnel "b" asks for 15000, which tunnel "orders" has; choose another port' },
  ]);
});

test("a range that is too small for the tunnels is an error before anything is created", () => {
  const tunnels = [tunnel({}), tunnel({ name: "b" }), tunnel({ name: "c" })];
  expect(check({ tunnels, clients: [], consumers: [], bindPortRange: { first: 15000, last: 15001 } })).toEqual([
    { path: "tunnels[2].bindPort", reason: 'no port is left for tunnel "c": all of 15000–15001 are taken; widen bindPortRange' },
  ]);
});

test.each([
  [{ first: 15999, last: 15000 }, "15999–15000"],
  [{ first: 22, last: 15999 }, "22–15999"],
  [{ first: 15000, last: 70000 }, "15000–70000"],
  [{ first: 15000.5, last: 15999 }, "15000.5–15999"],
])("the range %j is refused", (bindPortRange, shown) => {
  expect(check({ bindPortRange })).toEqual([
    { path: "bindPortRange", reason: `got ${shown}; expected two ports within 1024–32767, the lower one first` },
  ]);
});

test("a range of one port is a range", () => {
  expect(check({ tunnels: [tunnel({})], clients: [], consumers: [], bindPortRange: { first: 15000, last: 15000 } })).toEqual([]);
});

test("a bad range does not hide bad ports", () => {
  const tunnels = [tunnel({ bindPort: 22 }), tunnel({ name: "b", bindPort: 15000 }), tunnel({ name: "c", bindPort: 15000 })];
  expect(check({ bindPortRange: { first: 2, last: 1 }, tunnels, clients: [], consumers: [] }).map(({ path }) => path)).toEqual([
    "bindPortRange",
    "tunnels[0].bindPort",
    "tunnels[2].bindPort",
  ]);
});

// Names.

test.each(["tunnels", "clients", "consumers"] as const)("a name that two of the %s have is refused at the second", (field) => {
  const twice =
    field === "tunnels"
      ? [tunnel({ name: "x" }), tunnel({ name: "y" }), tunnel({ name: "x" })]
      : [client({ name: "x" }), client({ name: "y" }), client({ name: "x" })];
  expect(check({ tunnels: EXAMPLE.tunnels, clients: [], consumers: [], ...{ [field]: twice } })).toEqual([
    { path: `${field}[2].name`, reason: `"x" is already the name of ${field}[0]; names are unique` },
  ]);
});

test("a client, a consumer and a tunnel may have one name: they never meet", () => {
  expect(
    check({ tunnels: [tunnel({ name: "flow" })], clients: [client({ name: "flow" })], consumers: [client({ name: "flow" })] }),
  ).toEqual([]);
});

test.each(["tunnels", "clients", "consumers"] as const)("a name of one of the %s with quotes, newlines or $(…) is refused", (field) => {
  for (const name of ['a"b', "a'b", "a\nb", "$(id)", "`id`", "a b", "", "-a"]) {
    const one = field === "tunnels" ? [tunnel({ name })] : [client({ name })];
    expect(check({ tunnels: EXAMPLE.tunnels, clients: [], consumers: [], ...{ [field]: one } })).toEqual([
      {
        path: `${field}[0].name`,
        reason: `got ${JSON.stringify(name)}; a name is 1–40 of a–z, 0–9 and "-", and begins and ends with a letter or digit`,
      },
    ]);
  }
});

// Tunnels.

test("a bad destination is refused", () => {
  expect(withTunnel({ destination: "db.internal" })).toEqual([
    {
      path: "tunnels[0].destination",
      reason:
        'got "db.internal"; expected host:port as seen inside the customer\'s network, such as "db.internal:5432" or "[2001:db8::7]:5432"',
    },
  ]);
});

test.each([
  ["", 'got ""; allowed is "all", "loopback" or one IPv4 address of the bastion'],
  ["*", 'got "*"; allowed is "all", "loopback" or one IPv4 address of the bastion'],
  ["localhost", 'got "localhost"; allowed is "all", "loopback" or one IPv4 address of the bastion'],
  ["eth0", 'got "eth0"; allowed is "all", "loopback" or one IPv4 address of the bastion'],
  ["::1", 'got "::1"; allowed is "all", "loopback" or one IPv4 address of the bastion'],
  ["203.0.113.2/32", 'got "203.0.113.2/32"; allowed is "all", "loopback" or one IPv4 address of the bastion'],
  [
    '203.0.113.2",permitopen="*:22',
    'got "203.0.113.2\\",permitopen=\\"*:22"; allowed is "all", "loopback" or one IPv4 address of the bastion',
  ],
  ["0.0.0.0", 'got "0.0.0.0"; write "all"'],
  ["127.0.0.1", 'got "127.0.0.1"; write "loopback"'],
  ["127.1.2.3", 'got "127.1.2.3"; write "loopback"'],
])("bindAddress %j is refused", (bindAddress, reason) => {
  expect(withTunnel({ bindAddress })).toEqual([{ path: "tunnels[0].bindAddress", reason }]);
});

test.each(["all", "loopback", "203.0.113.2"])("bindAddress %j is allowed", (bindAddress) => {
  expect(withTunnel({ bindAddress })).toEqual([]);
});

// Clients and consumers.

const NO_KEY = 'has no key; paste the line of its .pub file, or have one made with "generateKey: ed25519"';

test("a client needs a key, pasted or made, and not both", () => {
  expect(withClient({ generateKey: undefined })).toEqual([{ path: "clients[0].publicKeys", reason: NO_KEY }]);
  expect(withClient({ generateKey: undefined, publicKeys: [] })).toEqual([{ path: "clients[0].publicKeys", reason: NO_KEY }]);
  expect(withClient({ publicKeys: [] })).toEqual([]);
  expect(withClient({ publicKeys: [ED25519_A.line] })).toEqual([
    {
      path: "clients[0].generateKey",
      reason: "stands beside publicKeys; give one of the two (two keys at a time are what rotation does)",
    },
  ]);
});

test("each bad key is named at its place, without being repeated", () => {
  const publicKeys = [ED25519_A.line, "-----BEGIN OPENSSH PRIVATE KEY-----", ED25519_B.line.slice(0, -6)];
  expect(withClient({ generateKey: undefined, publicKeys })).toEqual([
    {
      path: "clients[0].publicKeys[1]",
      reason:
        "is a PRIVATE key; paste the .pub file instead, and replace this key pair: a private key that has left its machine is no longer one",
    },
    { path: "clients[0].publicKeys[2]", reason: "is cut short or damaged; paste the whole line of the .pub file again" },
  ]);
});

test("one key belongs to one client or consumer, whatever its comment says", () => {
  const clients = [
    client({ generateKey: undefined, publicKeys: [ED25519_A.line, ED25519_B.line, `${ED25519_A.line} again`] }),
    client({ name: "dc2", generateKey: undefined, publicKeys: [`${ED25519_B.line} other`, ED25519_C.line] }),
  ];
  const consumers = [client({ name: "flow", generateKey: undefined, publicKeys: [ECDSA_P256.line, ED25519_C.line] })];
  const reason = (owner: string, fingerprint: string) =>
    `is the same key as ${owner} (${fingerprint}); one key belongs to one client, consumer or operator`;
  expect(check({ clients, consumers })).toEqual([
    { path: "clients[0].publicKeys[2]", reason: reason("clients[0].publicKeys[0]", ED25519_A.fingerprint) },
    { path: "clients[1].publicKeys[0]", reason: reason("clients[0].publicKeys[1]", ED25519_B.fingerprint) },
    { path: "consumers[0].publicKeys[1]", reason: reason("clients[1].publicKeys[1]", ED25519_C.fingerprint) },
  ]);
});

test("a client can open only tunnels that there are", () => {
  expect(withClient({ tunnels: ["orders", "order", "Flow"] })).toEqual([
    { path: "clients[0].tunnels[1]", reason: 'got "order", which no tunnel is called; allowed is orders, billing, flow, audit' },
    { path: "clients[0].tunnels[2]", reason: 'got "Flow", which no tunnel is called; allowed is orders, billing, flow, audit' },
  ]);
  expect(withClient({ tunnels: [] })).toEqual([
    { path: "clients[0].tunnels", reason: 'is empty; name the tunnels, or leave "tunnels" out for all of them' },
  ]);
});

test("tunnels whose names are not known are left out of what is allowed", () => {
  const spec: PartialSpec = { tunnels: [{}, { name: "orders" }], clients: [{ name: "dc1", generateKey: "ed25519", tunnels: ["x"] }] };
  expect(checkBastion(spec)).toEqual([{ path: "clients[0].tunnels[0]", reason: 'got "x", which no tunnel is called; allowed is orders' }]);
});

test("where the tunnels themselves are missing, no client is blamed for naming them", () => {
  expect(checkBastion({ clients: [{ name: "dc1", generateKey: "ed25519", tunnels: ["orders"] }] })).toEqual([]);
});

test("a tunnel that is not even a mapping is passed over: its shape has been reported", () => {
  const spec = { consumerCidrs: [], tunnels: [undefined, { name: "flow", bindAddress: "loopback", bindPort: 22 }] };
  expect(checkBastion(spec as unknown as PartialSpec)).toEqual([
    {
      path: "tunnels[1].bindPort",
      reason: "got 22; a bind port is 1024–32767 (below are privileged ports, above the kernel's outgoing ones)",
    },
  ]);
});

test("clients without any tunnel are refused: their keys could log in for nothing", () => {
  const problems = check({ tunnels: [], consumers: [], clients: [client({})] });
  expect(problems.map(({ path }) => path)).toEqual(["tunnels"]);
  expect(check({ tunnels: [], clients: [], consumers: [] })).toEqual([]);
});

test("a client's sources must lie within clientCidrs, or they could not even reach sshd", () => {
  expect(withClient({ sourceCidrs: ["198.51.100.7/32", "198.51.100.0/24", "198.51.0.0/16", "203.0.113.7/32", "10.0.0.5/8"] })).toEqual([
    {
      path: "clients[0].sourceCidrs[2]",
      reason: "198.51.0.0/16 lies outside clientCidrs (198.51.100.0/24), so it could not even reach sshd; add it there too",
    },
    {
      path: "clients[0].sourceCidrs[3]",
      reason: "203.0.113.7/32 lies outside clientCidrs (198.51.100.0/24), so it could not even reach sshd; add it there too",
    },
    {
      path: "clients[0].sourceCidrs[4]",
      reason: '"10.0.0.5/8" has host bits set; write "10.0.0.0/8" for the block or "10.0.0.5/32" for the one address',
    },
  ]);
  expect(withClient({ sourceCidrs: [] })).toEqual([
    { path: "clients[0].sourceCidrs", reason: 'is empty; name the blocks, or leave "sourceCidrs" out' },
  ]);
});

test("a bad clientCidrs is not also blamed on every client", () => {
  expect(
    check({ clientCidrs: ["198.51.100.1/24"], clients: [client({ sourceCidrs: ["198.51.100.7/32"] })], consumers: [] }).map(
      ({ path }) => path,
    ),
  ).toEqual(["clientCidrs[0]"]);
});

test("a bad expiry is refused, a past one is not: the core has no clock", () => {
  expect(withClient({ expiresAt: "2027-06-31" })).toEqual([
    {
      path: "clients[0].expiresAt",
      reason:
        'got "2027-06-31"; expected a date such as "2027-06-30" (the end of that day, UTC) or a time with its offset such as "2027-06-30T18:00Z"',
    },
  ]);
  expect(withClient({ expiresAt: "1999-12-31" })).toEqual([]);
});

test("consumers are held to the same rules, at their own paths", () => {
  const consumers = [{ name: "flow" }, { name: "bi", publicKeys: ["x"], tunnels: ["none"], sourceCidrs: ["::/0"], expiresAt: "x" }];
  expect(check({ consumers }).map(({ path }) => path)).toEqual([
    "consumers[0].publicKeys",
    "consumers[1].publicKeys[0]",
    "consumers[1].tunnels[0]",
    "consumers[1].sourceCidrs[0]",
    "consumers[1].expiresAt",
  ]);
});

// Messages.

/** A specification in which every text is bad input. */
const hostileSpec = (text: string): PartialSpec => ({
  clientCidrs: [text],
  consumerCidrs: [],
  tunnelUser: text,
  consumerUser: text,
  tunnels: [{ name: text, destination: text, bindAddress: text, bindPort: 15000 }, { name: `${text}2`, bindPort: 15000 }, { name: "c" }],
  bindPortRange: { first: 15000, last: 15000 },
  clients: [{ name: text, publicKeys: [text], tunnels: [text, "x"], sourceCidrs: [text], expiresAt: text }],
  consumers: [{ name: text, publicKeys: [text], tunnels: [text], sourceCidrs: [text], expiresAt: text }],
});

test("no bad input reaches a terminal as it is: control characters are escaped in every message", () => {
  const problems = checkBastion(hostileSpec("a\nFAKE: all is well\u001b[2J"));
  expect(problems.length).toBeGreaterThan(10);
  expect(problems.filter(({ reason }) => reason.includes("\n") || reason.includes("\u001b"))).toEqual([]);
});

test("no message repeats a private key, in whatever field it was pasted", () => {
  // A key of the kind whose secret number stands right behind its header.
  const body = `MHcCAQEEIOT${"q7Zx0Yk3LwPvB9sHdR2TfMn5".repeat(6)}`;
  for (const text of [`-----BEGIN EC PRIVATE KEY-----\n${body}\n-----END EC PRIVATE KEY-----`, `-----BEGIN EC PRIVATE KEY----- ${body}`]) {
    const pieces = Array.from({ length: 40 }, (_, at) => body.slice(at, at + 16));
    expect(checkBastion(hostileSpec(text)).filter(({ reason }) => pieces.some((piece) => reason.includes(piece)))).toEqual([]);
  }
});

test("any specification is checked without a crash, and one without problems stays without when more is left out", () => {
  const text = fc.oneof(
    fc.string({ maxLength: 8 }),
    fc.constantFrom("orders", "loopback", "constructor", "__proto__", "10.0.0.0/8", ED25519_A.line),
  );
  const optional = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });
  const texts = optional(fc.array(text, { maxLength: 3 }));
  const port = optional(fc.integer({ min: -1, max: 70000 }));
  const peers = optional(
    fc.array(
      fc.record({
        name: optional(text),
        publicKeys: texts,
        generateKey: optional(fc.constant("ed25519" as const)),
        tunnels: texts,
        sourceCidrs: texts,
        expiresAt: optional(text),
      }),
      { maxLength: 3 },
    ),
  );
  const spec = fc.record({
    clientCidrs: texts,
    consumerCidrs: texts,
    tunnels: optional(
      fc.array(fc.record({ name: optional(text), destination: optional(text), bindPort: port, bindAddress: optional(text) }), {
        maxLength: 3,
      }),
    ),
    clients: peers,
    consumers: peers,
    sshPort: port,
    tunnelUser: optional(text),
    consumerUser: optional(text),
    bindPortRange: optional(fc.record({ first: port, last: port })),
    reservedPorts: optional(fc.array(fc.integer(), { maxLength: 3 })),
  });
  fc.assert(
    fc.property(spec, (any) => {
      for (const { path, reason } of checkBastion(any as PartialSpec)) {
        expect(path).toMatch(/^[a-zA-Z]+(?:\[\d+\])?(?:\.[a-zA-Z]+(?:\[\d+\])?)?$/);
        expect(reason).not.toMatch(/undefined|\[object|NaN|function/);
      }
    }),
    { numRuns: 500 },
  );
});

// Generations of generated keys.

test.each<[changes: Partial<ClientSpec>, problems: readonly Problem[]]>([
  [{ keyGeneration: 1 }, []],
  [{ keyGeneration: 7 }, []],
  [{ keyGeneration: 2, keepPreviousKey: true }, []],
  [{ keepPreviousKey: false }, []],
  [{ keyGeneration: 0 }, [{ path: "clients[0].keyGeneration", reason: "got 0; key pairs are counted 1, 2, 3, …" }]],
  [{ keyGeneration: 1.5 }, [{ path: "clients[0].keyGeneration", reason: "got 1.5; key pairs are counted 1, 2, 3, …" }]],
  ...[{}, { keyGeneration: 1 }].map((changes): [Partial<ClientSpec>, readonly Problem[]] => [
    { ...changes, keepPreviousKey: true },
    [
      {
        path: "clients[0].keepPreviousKey",
        reason: 'is true, and before the first key pair there was none; say "keyGeneration: 2", or leave it out',
      },
    ],
  ]),
  [
    { generateKey: undefined, publicKeys: [ED25519_A.line], keyGeneration: 2, keepPreviousKey: true },
    ["keyGeneration", "keepPreviousKey"].map((field) => ({
      path: `clients[0].${field}`,
      reason: "is for a key that generateKey makes; an imported key is changed in publicKeys",
    })),
  ],
])("of a client with %j", (changes, problems) => {
  expect(withClient(changes)).toEqual(problems);
});

test("nobody is told what follows from a generation that cannot be read", () => {
  const spec = { ...EXAMPLE, clients: [client({ keepPreviousKey: true })], consumers: [] };
  expect(checkBastion(spec, { unreadable: new Set(["clients[0].keyGeneration"]) })).toEqual([]);
});
