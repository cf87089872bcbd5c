import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { InvalidInputError } from "../../components/core/problem.ts";
import { parseCustomer } from "../../stacks/parse-customer.ts";
import { parseBastionFile } from "../support/customer-files.ts";
import { ED25519_A, ED25519_B } from "../support/keys.ts";
import { makeKey } from "../support/openssh.ts";
import { problemsOf } from "../support/problems.ts";
import { piecesIn } from "../support/secrets.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const folder = temporaryFolder();
const CUSTOMERS = join(import.meta.dirname, "../../stacks/customers");

/** The first four lines of a file, which are as they should be. */
const HEAD = `customer: acme
target: local
clientCidrs: [198.51.100.0/24]
consumerCidrs: [10.20.0.0/16]
`;
/** A fifth and sixth, where a test is about something else. */
const TUNNEL = "tunnels: [{ name: orders, bindPort: 15000 }]\n";
const CLIENT = "clients: [{ name: dc1, generateKey: ed25519 }]\n";

/** What is wrong with a file, as `line path: reason`. */
function problemsIn(text: string): string[] {
  return problemsOf(() => parseBastionFile(text, "acme.yaml")).map(({ path, reason }) => {
    expect(path).toMatch(/^acme\.yaml:\d+(?: \S+)?$/);
    return `${path.slice("acme.yaml:".length)}: ${reason}`;
  });
}

test("a whole file is read", () => {
  const text = `${HEAD}tunnels:
  - { name: orders, destination: orders-db.acme.internal:5432, bindPort: 15000 }
  - { name: billing, destination: mysql.acme.internal:3306 } # port allocated
  - { name: flow, destination: db.acme.internal:5678, bindAddress: loopback, bindPort: 8080 }
clients:
  - { name: dc1, publicKeys: ["${ED25519_A.line} dc1"], tunnels: [orders, billing], sourceCidrs: [198.51.100.7/32] }
  - { name: dr-site, generateKey: ed25519, expiresAt: 2027-06-30 }
consumers:
  - { name: flow, generateKey: rsa-pem, tunnels: [flow] }
local: { host: bastion.example.com, listenAddress: 203.0.113.2, directory: /srv/acme }
sshPort: 2200
tunnelUser: acme
consumerUser: acme-reader
bindPortRange: { first: 16000, last: 16010 }
reservedPorts: [9100]
penaltyExemptCidrs: [192.0.2.0/24]
legacyCiphers: true
`;
  expect(parseBastionFile(text, "acme.yaml")).toEqual({
    customer: "acme",
    target: "local",
    clientCidrs: ["198.51.100.0/24"],
    consumerCidrs: ["10.20.0.0/16"],
    tunnels: [
      { name: "orders", destination: "orders-db.acme.internal:5432", bindPort: 15000 },
      { name: "billing", destination: "mysql.acme.internal:3306" },
      { name: "flow", destination: "db.acme.internal:5678", bindAddress: "loopback", bindPort: 8080 },
    ],
    clients: [
      { name: "dc1", publicKeys: [`${ED25519_A.line} dc1`], tunnels: ["orders", "billing"], sourceCidrs: ["198.51.100.7/32"] },
      { name: "dr-site", generateKey: "ed25519", expiresAt: "2027-06-30" },
    ],
    consumers: [{ name: "flow", generateKey: "rsa-pem", tunnels: ["flow"] }],
    local: { host: "bastion.example.com", listenAddress: "203.0.113.2", directory: "/srv/acme" },
    sshPort: 2200,
    tunnelUser: "acme",
    consumerUser: "acme-reader",
    bindPortRange: { first: 16000, last: 16010 },
    reservedPorts: [9100],
    penaltyExemptCidrs: ["192.0.2.0/24"],
    legacyCiphers: true,
  });
});

test("the worked example can be used as it is, and is named after its customer", () => {
  const acme = parseBastionFile(readFileSync(join(CUSTOMERS, "acme.yaml"), "utf8"), "acme.yaml");
  expect(acme).toMatchObject({ customer: "acme", target: "local" });
  expect(acme.tunnels.map(({ name }) => name)).toEqual(["orders", "billing", "flow"]);
});

test("every customer's file of this repository can be used", () => {
  const files = readdirSync(CUSTOMERS);
  expect(files).toContain("acme.yaml");
  for (const file of files) expect(() => parseCustomer(readFileSync(join(CUSTOMERS, file), "utf8"), file), file).not.toThrow();
});

// The issue's list of bad input.

test("an unknown field is refused wherever it stands, with the fields that may stand there", () => {
  const text = `${HEAD}tunnels:
  - name: orders
    port: 15000
clients:
  - { name: dc1, generateKey: ed25519, publicKey: x }
local:
  hostname: x
bindPortRange: { from: 1, first: 15000, last: 15010 }
allowAll: true
`;
  const peer =
    "name, publicKeys, generateKey, keyGeneration, keepPreviousKey, sourceCidrs, expiresAt, certificateAuthorities, certificatePrincipals, tunnels";
  const top =
    "customer, target, aws, azure, gcp, kubernetes, local, clientCidrs, consumerCidrs, tunnels, clients, consumers, operators, sshPort, statusPort, tunnelUser, consumerUser, bindPortRange, reservedPorts, hostKeyGeneration, announceNextHostKeys, dns, penaltyExemptCidrs, legacyCiphers, privateEndpoints, privateLinkServices";
  expect(problemsIn(text).sort()).toEqual(
    [
      "7 tunnels[0].port: is no field here; allowed is name, destination, bindPort, bindAddress",
      `9 clients[0].publicKey: is no field here; allowed is ${peer}`,
      "11 local.hostname: is no field here; allowed is host, listenAddress, directory",
      "12 bindPortRange.from: is no field here; allowed is first, last",
      `13 allowAll: is no field here; allowed is ${top}`,
    ].sort(),
  );
});

test("RSA 1024, DSA and a truncated key are refused, each at its line", () => {
  const rsa = makeKey(folder, "rsa", "-b", "1024").publicKey;
  const text = `${HEAD}${TUNNEL}clients:
  - name: dc1
    publicKeys:
      - ${ED25519_A.line}
      - ${rsa}
      - ssh-dss AAAAB3NzaC1kc3MAAACBAJ me@there
      - ${ED25519_B.line.slice(0, -4)}
`;
  const allowed = "Ed25519, ECDSA (P-256, P-384, P-521), their hardware-backed forms, or RSA of at least 3072 bits";
  expect(problemsIn(text)).toEqual([
    "10 clients[0].publicKeys[1]: is an RSA key of 1024 bits; at least 3072 are needed. Make a new one with: ssh-keygen -t ed25519",
    `11 clients[0].publicKeys[2]: is a DSA key, which OpenSSH no longer accepts; allowed is ${allowed}`,
    "12 clients[0].publicKeys[3]: is cut short or damaged; paste the whole line of the .pub file again",
  ]);
});

test("two clients with the same key are refused", () => {
  const text = `${HEAD}${TUNNEL}clients:
  - { name: dc1, publicKeys: [${ED25519_A.line} one] }
  - name: dc2
    publicKeys:
      - "${ED25519_A.line} two"
`;
  expect(problemsIn(text)).toEqual([
    `10 clients[1].publicKeys[0]: is the same key as clients[0].publicKeys[0] (${ED25519_A.fingerprint}); one key belongs to one client, consumer or operator`,
  ]);
});

test("duplicate names are refused", () => {
  const text = `${HEAD}tunnels:
  - { name: orders }
  - { name: orders }
clients:
  - { name: dc1, generateKey: ed25519 }
  - generateKey: ed25519
    name: dc1
`;
  expect(problemsIn(text)).toEqual([
    '7 tunnels[1].name: "orders" is already the name of tunnels[0]; names are unique',
    '11 clients[1].name: "dc1" is already the name of clients[0]; names are unique',
  ]);
});

test.each([
  [22, "got 22; a bind port is 1024–32767 (below are privileged ports, above the kernel's outgoing ones)"],
  [70000, "got 70000; a bind port is 1024–32767 (below are privileged ports, above the kernel's outgoing ones)"],
  [2222, "got 2222, which is reserved (sshd's own port, the status port, or one of reservedPorts); choose another"],
])("bindPort %d is refused", (bindPort, reason) => {
  expect(problemsIn(`${HEAD}tunnels:\n  - name: orders\n    bindPort: ${bindPort}\n${CLIENT}`)).toEqual([
    `7 tunnels[0].bindPort: ${reason}`,
  ]);
});

test("an exhausted range is refused, at the tunnel that got nothing", () => {
  const text = `${HEAD}tunnels:
  - name: a
  - name: b
  - name: c
bindPortRange: { first: 15000, last: 15001 }
${CLIENT}`;
  expect(problemsIn(text)).toEqual([
    '8 tunnels[2].bindPort: no port is left for tunnel "c": all of 15000–15001 are taken; widen bindPortRange',
  ]);
});

test("a block with host bits and an empty clientCidrs are refused", () => {
  const rest = `${TUNNEL}${CLIENT}`;
  expect(problemsIn(HEAD.replace("198.51.100.0/24", "198.51.100.0/24, 10.0.0.5/24") + rest)).toEqual([
    '3 clientCidrs[1]: "10.0.0.5/24" has host bits set; write "10.0.0.0/24" for the block or "10.0.0.5/32" for the one address',
  ]);
  expect(problemsIn(HEAD.replace("198.51.100.0/24", "") + rest)).toEqual([
    '3 clientCidrs: is empty, so nobody could log in; name the CIDR blocks that may, such as "198.51.100.0/24"',
  ]);
});

test("a name with quotes, newlines or $(…) is refused, and none of it reaches the terminal as it is", () => {
  const rule = 'a name is 1–40 of a–z, 0–9 and "-", and begins and ends with a letter or digit';
  const text = `customer: "$(id)"
${HEAD.slice(HEAD.indexOf("\n") + 1)}tunnels: [{ name: 'a"b' }]
clients: [{ name: "a\\nb", generateKey: ed25519 }]
consumers: [{ name: "\\e[2J", generateKey: ed25519 }]
`;
  expect(problemsIn(text).sort()).toEqual(
    [
      `1 customer: got "$(id)"; ${rule}`,
      `5 tunnels[0].name: got "a\\"b"; ${rule}`,
      `6 clients[0].name: got "a\\nb"; ${rule}`,
      `7 consumers[0].name: got "\\u001b[2J"; ${rule}`,
    ].sort(),
  );
});

// Types.

test("what is missing is named, with what belongs there", () => {
  expect(problemsIn("sshPort: 2222\n")).toEqual([
    "1 customer: is missing; expected a text",
    "1 target: is missing; allowed is aws, azure, gcp, kubernetes, local, private-link",
    "1 clientCidrs: is missing; expected a list",
    "1 consumerCidrs: is missing; expected a list",
    "1 tunnels: is missing; expected a list",
    "1 clients: is missing; expected a list",
  ]);
  expect(problemsIn(`${HEAD}tunnels:\n  - { bindPort: 15000 }\nclients:\n  - { generateKey: ed25519 }\n`)).toEqual([
    "6 tunnels[0].name: is missing; expected a text",
    "8 clients[0].name: is missing; expected a text",
  ]);
});

test.each([
  ["customer: 7", "customer: got 7; expected a text"],
  ["customer: [acme]", "customer: got a list; expected a text"],
  ["target: aws2", 'target: got "aws2"; allowed is aws, azure, gcp, kubernetes, local, private-link'],
  ["clientCidrs: 198.51.100.0/24", 'clientCidrs: got "198.51.100.0/24"; expected a list'],
  ["clientCidrs: [10]", "clientCidrs[0]: got 10; expected a text"],
  ["clientCidrs:", "clientCidrs: got null; expected a list"],
  ["tunnels: { name: orders }", "tunnels: got a mapping; expected a list"],
  ["tunnels: [orders]", 'tunnels[0]: got "orders"; expected a mapping'],
  ["tunnels: [{ name: 5432 }]", "tunnels[0].name: got 5432; expected a text"],
  ['tunnels: [{ name: orders, bindPort: "15000" }]', 'tunnels[0].bindPort: got "15000"; expected a whole number'],
  ["tunnels: [{ name: orders, bindPort: 15000.5 }]", "tunnels[0].bindPort: got 15000.5; expected a whole number"],
  ["tunnels: [{ name: orders, bindPort: 1e100 }]", "tunnels[0].bindPort: got 1e+100; expected a whole number"],
  ["tunnels: [{ name: orders, bindPort: ~ }]", "tunnels[0].bindPort: got null; expected a whole number"],
  ["clients:", "clients: got null; expected a list"],
  ["clients: [~]", "clients[0]: got null; expected a mapping"],
  ["clients: [dc1]", 'clients[0]: got "dc1"; expected a mapping'],
  ["clients: [{ name: dc1, generateKey: dsa }]", 'clients[0].generateKey: got "dsa"; allowed is ed25519, rsa-pem'],
  ["clients: [{ name: dc1, generateKey: true }]", "clients[0].generateKey: got true; allowed is ed25519, rsa-pem"],
  [`clients: [{ name: dc1, publicKeys: ${ED25519_A.line} }]`, "clients[0].publicKeys: got a text of 80 characters; expected a list"],
  ["clients: [{ name: dc1, generateKey: ed25519, tunnels: orders }]", 'clients[0].tunnels: got "orders"; expected a list'],
  ["clients: [{ name: dc1, generateKey: ed25519, expiresAt: 2027 }]", "clients[0].expiresAt: got 2027; expected a text"],
  ["consumers:", "consumers: got null; expected a list"],
  ["local: 127.0.0.1", 'local: got "127.0.0.1"; expected a mapping'],
  ["sshPort: ssh", 'sshPort: got "ssh"; expected a whole number'],
  ["bindPortRange: 15000-15999", 'bindPortRange: got "15000-15999"; expected a mapping'],
  ["bindPortRange: { first: 15000 }", "bindPortRange.last: is missing; expected a whole number"],
  ["legacyCiphers: yes please", 'legacyCiphers: got "yes please"; expected true or false'],
])("%s is refused for its type, and for nothing that only follows from it", (line, expected) => {
  const field = line.split(":")[0];
  const others = [...HEAD.trim().split("\n"), TUNNEL.trim(), CLIENT.trim()].filter((other) => !other.startsWith(`${field}:`));
  expect(problemsIn([...others, line].join("\n"))).toEqual([`${others.length + 1} ${expected}`]);
});

test("problems of shape and of meaning come together, each once", () => {
  const text = `customer: Acme
target: local
clientCidrs: [10.0.0.5/24]
consumerCidrs: 10.20.0.0/16
tunnels:
  - { name: orders, bindPort: 22 }
  - { name: orders, bindPort: "15000", destination: db }
  - billing
clients:
  - name: dc1
    publicKeys: [5, nonsense]
    tunnels: [orders, other]
    expiresAt: soon
    color: red
sshPort: 80
`;
  const allowed = "Ed25519, ECDSA (P-256, P-384, P-521), their hardware-backed forms, or RSA of at least 3072 bits";
  expect(problemsIn(text).sort()).toEqual(
    [
      '1 customer: got "Acme"; a name is 1–40 of a–z, 0–9 and "-", and begins and ends with a letter or digit',
      '3 clientCidrs[0]: "10.0.0.5/24" has host bits set; write "10.0.0.0/24" for the block or "10.0.0.5/32" for the one address',
      '4 consumerCidrs: got "10.20.0.0/16"; expected a list',
      "6 tunnels[0].bindPort: got 22; a bind port is 1024–32767 (below are privileged ports, above the kernel's outgoing ones)",
      '7 tunnels[1].bindPort: got "15000"; expected a whole number',
      '7 tunnels[1].name: "orders" is already the name of tunnels[0]; names are unique',
      '7 tunnels[1].destination: got "db"; expected host:port as seen inside the customer\'s network, such as "db.internal:5432" or "[2001:db8::7]:5432"',
      '8 tunnels[2]: got "billing"; expected a mapping',
      "11 clients[0].publicKeys[0]: got 5; expected a text",
      `11 clients[0].publicKeys[1]: does not begin with a key type that is accepted (it begins with "nonsense"); allowed is ${allowed}`,
      '12 clients[0].tunnels[1]: got "other", which no tunnel is called; allowed is orders',
      '13 clients[0].expiresAt: got "soon"; expected a date such as "2027-06-30" (the end of that day, UTC) or a time with its offset such as "2027-06-30T18:00Z"',
      "14 clients[0].color: is no field here; allowed is name, publicKeys, generateKey, keyGeneration, keepPreviousKey, sourceCidrs, expiresAt, certificateAuthorities, certificatePrincipals, tunnels",
      "15 sshPort: got 80; allowed is 1024–32767, usually 2222 (22 is left to the host's own sshd)",
    ].sort(),
  );
});

test.each([
  ['local: { host: "a b" }', "local.host"],
  ['local: { host: "x\\nProxyCommand id" }', "local.host"],
  ["local: { host: $(id) }", "local.host"],
  ["local: { host: -oProxyCommand=id }", "local.host"],
  ['local: { host: "" }', "local.host"],
  ["local: { listenAddress: localhost }", "local.listenAddress"],
  ['local: { listenAddress: "0.0.0.0\\nPermitRootLogin yes" }', "local.listenAddress"],
  ['local: { listenAddress: "::1" }', "local.listenAddress"],
  ["local: { directory: bastion }", "local.directory"],
  ["local: { directory: /srv/my bastion }", "local.directory"],
  ['local: { directory: "/srv/$(id)" }', "local.directory"],
])("%s is refused before anything is created: it would end up in files and commands", (line, path) => {
  expect(problemsIn(`${HEAD}${TUNNEL}${CLIENT}${line}\n`).map((problem) => problem.split(": ")[0])).toEqual([`7 ${path}`]);
});

// YAML.

test.each(["", "\n", "# nothing yet\n", "~\n", "---\n"])("a file without content (%j) is refused", (text) => {
  expect(problemsIn(text)).toEqual(["1: got null; expected a mapping"]);
});

test.each([
  ["- customer: acme\n", "got a list"],
  ["acme\n", 'got "acme"'],
  ["42\n", "got 42"],
])("a file that is no mapping (%j) is refused", (text, got) => {
  expect(problemsIn(text)).toEqual([`1: ${got}; expected a mapping`]);
});

test("a field that stands there twice is refused, instead of the last one winning", () => {
  expect(problemsIn(`${HEAD}${TUNNEL}${CLIENT}clientCidrs: [0.0.0.0/0]\n`)).toEqual(["7: is not valid YAML: Map keys must be unique"]);
  expect(problemsIn(`${HEAD}tunnels:\n  - name: orders\n    bindPort: 15000\n    bindPort: 15001\n${CLIENT}`)).toEqual([
    "8: is not valid YAML: Map keys must be unique",
  ]);
});

test.each([
  ["an unclosed quote", `${HEAD}tunnels: [{ name: "orders }]\n${CLIENT}`],
  ["an unclosed bracket", `${HEAD}tunnels: [{ name: orders }\n${CLIENT}`],
  ["tabs", `${HEAD}tunnels:\n\t- name: orders\n${CLIENT}`],
  ["bad indentation", `${HEAD}tunnels:\n  - name: orders\n   bindPort: 15000\n${CLIENT}`],
  ["a second document", `${HEAD}${TUNNEL}${CLIENT}---\nx: 1\n`],
  ["a text of several lines without a mark", `${HEAD}orders\n${CLIENT}`],
])("%s is an error of YAML, on one line with a line number", (_what, text) => {
  const problems = problemsIn(text);
  expect(problems.length).toBeGreaterThan(0);
  for (const problem of problems) expect(problem).toMatch(/^\d+: is not valid YAML: [^\n]+$/);
});

test("anchors and aliases work, and a problem behind one is reported", () => {
  const shared = `${HEAD}tunnels: &all
  - { name: orders, bindPort: 15000 }
clients:
  - { name: dc1, generateKey: &kind ed25519, sourceCidrs: &from [198.51.100.7/32] }
  - { name: dc2, generateKey: *kind, sourceCidrs: *from }
`;
  expect(parseBastionFile(shared, "acme.yaml").clients).toEqual([
    { name: "dc1", generateKey: "ed25519", sourceCidrs: ["198.51.100.7/32"] },
    { name: "dc2", generateKey: "ed25519", sourceCidrs: ["198.51.100.7/32"] },
  ]);
  expect(problemsIn(shared.replace("198.51.100.7/32", "203.0.113.7/32")).map((problem) => problem.split(": ")[0])).toEqual([
    "8 clients[0].sourceCidrs[0]",
    "9 clients[1].sourceCidrs[0]",
  ]);
  expect(problemsIn(shared.replace("&kind ed25519", "&kind dsa")).map((problem) => problem.split(": ")[0])).toEqual([
    "8 clients[0].generateKey",
    "9 clients[1].generateKey",
  ]);
});

test("one mapping under two names is checked in both places", () => {
  const text = `${HEAD}${TUNNEL}clients:
  - &dc1 { name: dc1, generateKey: ed25519 }
  - *dc1
`;
  expect(problemsIn(text)).toEqual(['8 clients[1].name: "dc1" is already the name of clients[0]; names are unique']);
});

test("an alias without its anchor is refused, with its line", () => {
  const problems = problemsIn(`${HEAD}tunnels: *all\n${CLIENT}`);
  expect(problems).toHaveLength(1);
  expect(problems[0]).toMatch(/^5(?: tunnels)?: /);
});

test("aliases that multiply without end are refused", () => {
  const levels = Array.from({ length: 12 }, (_, i) => `x${i + 1}: &x${i + 1} [${Array(10).fill(`*x${i}`).join(", ")}]`);
  const problems = problemsIn(["x0: &x0 [a]", ...levels, HEAD].join("\n"));
  expect(problems.length).toBeGreaterThan(0);
});

test("a merge key is no field: it is not what YAML 1.2 means by it", () => {
  const text = `${HEAD}${TUNNEL}clients:
  - &base { name: dc1, generateKey: ed25519 }
  - { <<: *base, name: dc2 }
`;
  expect(problemsIn(text).map((problem) => problem.split("; ")[0])).toContain("8 clients[1].<<: is no field here");
});

test("a file from Windows reads the same, with the same line numbers", () => {
  const text = `${HEAD}${TUNNEL}${CLIENT}`;
  expect(parseBastionFile(`\ufeff${text.replaceAll("\n", "\r\n")}`, "acme.yaml")).toEqual(parseBastionFile(text, "acme.yaml"));
  expect(problemsIn(`${text}sshPort: 22\n`.replaceAll("\n", "\r\n"))).toEqual([
    "7 sshPort: got 22; allowed is 1024–32767, usually 2222 (22 is left to the host's own sshd)",
  ]);
});

test("words that older YAML read as something else are texts", () => {
  const text = `${HEAD}tunnels:\n  - { name: on }\n  - { name: "no" }\n  - { name: 1e3x }\n${CLIENT}`;
  expect(parseBastionFile(text, "acme.yaml").tunnels.map(({ name }) => name)).toEqual(["on", "no", "1e3x"]);
});

test("an unknown field cannot draw on the terminal it is reported on", () => {
  for (const field of ["a\\nFAKE: all is well", "\\e[2J", "\\x9b2J", "a b", "\\uD800"]) {
    const [problem, ...rest] = problemsIn(`${HEAD}${TUNNEL}${CLIENT}"${field}": 1\n`);
    expect(rest).toEqual([]);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
    expect(problem).toMatch(/^7 [^\u0000-\u0020\u007f-\u009f]+: is no field here; /);
  }
});

test("an unknown field with a dot in its name is found on its line", () => {
  expect(problemsIn(`${HEAD}${TUNNEL}${CLIENT}aws.region: eu-central-1\n`).map((problem) => problem.split(" ")[0])).toEqual(["7"]);
});

test("a name of the language itself is an unknown field like any other", () => {
  for (const field of ["constructor", "toString", "hasOwnProperty"])
    expect(problemsIn(`${HEAD}${TUNNEL}${CLIENT}${field}: 1\n`).map((problem) => problem.split("; ")[0])).toEqual([
      `7 ${field}: is no field here`,
    ]);
  expect(() => parseBastionFile(`${HEAD}${TUNNEL}${CLIENT}__proto__: { consumers: [] }\n`, "acme.yaml")).toThrow(InvalidInputError);
});

// Private keys are never repeated.

const privateKeys = [
  makeKey(folder, "ed25519").privateKey,
  makeKey(folder, "rsa", "-b", "1024", "-m", "PEM").privateKey,
  makeKey(folder, "rsa", "-b", "1024", "-m", "PKCS8").privateKey,
  makeKey(folder, "ecdsa", "-m", "PEM").privateKey,
  makeKey(folder, "ecdsa", "-m", "PEM", "-N", "a passphrase").privateKey,
];
const IS_PRIVATE =
  "is a PRIVATE key; paste the .pub file instead, and replace this key pair: a private key that has left its machine is no longer one";

/** What parsing a file says; nothing when it is accepted. Anything but a refusal fails the test. */
function messageOf(text: string): string {
  try {
    parseBastionFile(text, "acme.yaml");
    return "";
  } catch (error) {
    if (error instanceof InvalidInputError) return error.message;
    throw error;
  }
}

const indented = (text: string, by: number) => text.replaceAll(/^(?=.)/gm, " ".repeat(by));

test("a private key where a public one belongs is refused as one, in every way YAML has to write a text", () => {
  for (const key of privateKeys) {
    const forms = [
      `|\n${indented(key, 10)}`,
      `>-\n${indented(key, 10)}`,
      `'\n${indented(key.trim(), 10)}'`,
      JSON.stringify(key),
      // Without the header lines of an encrypted PEM file, it is also a plain text.
      ...(key.includes("Proc-Type") ? [] : [`\n${indented(key, 10)}`]),
    ];
    for (const form of forms)
      expect(problemsIn(`${HEAD}${TUNNEL}clients:\n  - name: dc1\n    publicKeys:\n      - ${form}\n`)).toEqual([
        expect.stringMatching(new RegExp(`^(?:9|10) clients\\[0\\]\\.publicKeys\\[0\\]: ${IS_PRIVATE.replaceAll(".", "\\.")}$`)),
      ]);
  }
});

test("a private key in any other field is not repeated", () => {
  const fields = [
    ...[
      "customer: KEY",
      "target: KEY",
      "sshPort: KEY",
      "tunnelUser: KEY",
      "consumerUser: KEY",
      "clientCidrs: [KEY]",
      "consumerCidrs: [KEY]",
    ],
    ...[
      "reservedPorts: [KEY]",
      "bindPortRange: KEY",
      "legacyCiphers: KEY",
      "penaltyExemptCidrs: [KEY]",
      "local: { host: KEY }",
      "local: { listenAddress: KEY }",
    ],
    ...["local: { directory: KEY }", "local: KEY", "privateKey: KEY", "consumers: KEY", "consumers: [KEY]"],
    ...["name", "destination", "bindPort", "bindAddress"].map((field) =>
      `tunnels: [{ name: a, ${field}: KEY }]`.replace("name: a, name", "name"),
    ),
    ...["name", "publicKeys", "generateKey", "tunnels", "sourceCidrs", "expiresAt", "privateKey"].map(
      (field) => `clients: [{ ${field}: KEY }]`,
    ),
    ...["publicKeys", "tunnels", "sourceCidrs"].map((field) => `clients: [{ name: dc1, ${field}: [KEY] }]`),
  ];
  const told: string[] = [];
  for (const key of privateKeys)
    for (const field of fields) {
      const name = field.split(":")[0];
      const others = [...HEAD.trim().split("\n"), TUNNEL.trim(), CLIENT.trim()].filter((other) => !other.startsWith(`${name}:`));
      for (const text of [key, key.replaceAll("\n", " "), key.split("\n").slice(1, -2).join("")]) {
        const message = messageOf([...others, field.replace("KEY", JSON.stringify(text))].join("\n"));
        if (piecesIn(message, key).length > 0) told.push(field);
      }
    }
  expect([...new Set(told)]).toEqual([]);
});

test("a private key that breaks the syntax is not repeated, wherever and however it was pasted", () => {
  const lines = `${HEAD}tunnels:
  - name: orders
    bindPort: 15000
clients:
  - name: dc1
    publicKeys:
      - ${ED25519_A.line}
`.split("\n");
  const prefixes = ["", "- ", "publicKeys: ", "- |", "- >", '- "', "- '", "[", "{ key: ", "? ", ": ", "- !", "- &", "- *", "%", "key: |"];
  const told: string[] = [];
  for (const key of privateKeys) {
    const body = key.split("\n").slice(1, -2).join("\n");
    for (const pasted of [key, body, body.split("\n").join("")])
      for (const prefix of prefixes)
        for (let at = 0; at <= lines.length; at += 2) {
          const depth = / *(?:- )?/.exec(lines[Math.max(0, at - 1)] ?? "")?.[0].length ?? 0;
          for (const block of [`${prefix}${pasted}`, indented(`${prefix}${pasted}`, depth)]) {
            const message = messageOf([...lines.slice(0, at), block, ...lines.slice(at)].join("\n"));
            if (piecesIn(message, key).length > 0) told.push(`${prefix}… at line ${at + 1}: ${message.split("\n")[0]?.slice(0, 120)}`);
          }
        }
  }
  expect([...new Set(told)].slice(0, 10)).toEqual([]);
});

test("a private key as the name of a field is not repeated", () => {
  for (const key of privateKeys)
    for (const line of key
      .split("\n")
      .slice(1, -2)
      .filter((candidate) => candidate.length > 40 && !candidate.includes(":")))
      for (const place of ["", "  ", "    "]) {
        const text = `${HEAD}${TUNNEL}clients:\n  - name: dc1\n    generateKey: ed25519\n`;
        expect(piecesIn(messageOf(`${text}${place}${line}: x\n`), key)).toEqual([]);
      }
});
