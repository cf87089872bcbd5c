import * as pulumi from "@pulumi/pulumi";
import { expect, test } from "vitest";
import { parseBastion } from "../../../components/core/bastion.ts";
import { describeBastion } from "../../../components/core/describe-bastion.ts";
import { placeTunnels } from "../../../components/core/forward.ts";
import { renderStandaloneSshdConfig } from "../../../components/core/sshd-config.ts";
import { hostPrograms } from "../../../components/host/programs.ts";
import { LocalBastion, type LocalBastionArgs } from "../../../components/local/local-bastion.ts";
import { bindPortsKind } from "../../../components/provider/bind-ports.ts";
import { sshKeyPairKind } from "../../../components/provider/ssh-key-pair.ts";
import { deploy, type EngineOptions, isKnown, settled } from "../../support/engine.ts";
import { ECDSA_P256, ED25519_A, ED25519_B, ED25519_C, keyOf, RSA_3072 } from "../../support/keys.ts";
import { LOCAL_ENGINE, MACHINE, privateKeyOf, providerOutputs } from "../../support/local-engine.ts";

const ARGS: LocalBastionArgs = {
  clientCidrs: ["198.51.100.0/24"],
  consumerCidrs: ["10.20.0.0/16"],
  tunnels: [
    { name: "orders", destination: "orders-db.acme.internal:5432", bindPort: 15000 },
    { name: "billing", destination: "mysql.acme.internal:3306" },
    { name: "flow", destination: "db.acme.internal:5678", bindAddress: "loopback", bindPort: 8080 },
  ],
  clients: [
    { name: "dc1", publicKeys: [ED25519_C.line], tunnels: ["orders", "billing"] },
    { name: "dr-site", generateKey: "ed25519", expiresAt: "2027-06-30" },
  ],
  consumers: [{ name: "flow", generateKey: "rsa-pem", tunnels: ["flow"] }],
  host: "bastion.example.com",
};
const COMPONENT = "reverse-bastion:local:LocalBastion::acme";

const up = (args: Partial<LocalBastionArgs> = {}, options: EngineOptions = {}) =>
  deploy(() => new LocalBastion("acme", { ...ARGS, ...args }), { ...LOCAL_ENGINE, ...options });

const inputsOf = async (name: string, args: Partial<LocalBastionArgs> = {}) =>
  (await up(args)).registered.find((resource) => resource.name === name)?.inputs ?? {};

test("a bastion is these resources, all of them its children, and no others", async () => {
  const { registered, error } = await up();
  expect(error).toBeUndefined();
  expect(registered.map(({ type, name, parent, custom }) => [type, name, parent, custom]).sort()).toEqual([
    ["reverse-bastion:index:BindPorts", "acme-bind-ports", COMPONENT, true],
    ["reverse-bastion:index:SshKeyPair", "acme-client-dr-site-key", COMPONENT, true],
    ["reverse-bastion:index:SshKeyPair", "acme-consumer-flow-key", COMPONENT, true],
    ["reverse-bastion:index:SshKeyPair", "acme-host-key-ecdsa", COMPONENT, true],
    ["reverse-bastion:index:SshKeyPair", "acme-host-key-ed25519", COMPONENT, true],
    ["reverse-bastion:local:LocalBastion", "acme", undefined, false],
    ["reverse-bastion:local:Sshd", "acme-sshd", COMPONENT, true],
  ]);
});

test("two bastions of one program have no name in common", async () => {
  const { registered } = await deploy(
    () => [new LocalBastion("acme", ARGS), new LocalBastion("globex", { ...ARGS, clients: [], consumers: [], sshPort: 2223 })],
    {
      ...LOCAL_ENGINE,
      outputsOf: (resource) => providerOutputs({ ...resource, name: resource.name.replace("globex", "acme") }),
    },
  );
  const names = registered.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
  expect(names.filter((name) => !/^(?:acme|globex)(?:-|$)/.test(name))).toEqual([]);
});

test("key pairs are asked for by algorithm and comment, and nothing secret is in their inputs", async () => {
  const { registered } = await up();
  const pairs = registered.filter(({ type }) => type === "reverse-bastion:index:SshKeyPair");
  expect(Object.fromEntries(pairs.map(({ name, inputs }) => [name, inputs]))).toEqual({
    "acme-host-key-ed25519": { algorithm: "ed25519", comment: "acme host key" },
    "acme-host-key-ecdsa": { algorithm: "ecdsa-p256", comment: "acme host key" },
    "acme-client-dr-site-key": { algorithm: "ed25519", comment: "dr-site" },
    "acme-consumer-flow-key": { algorithm: "rsa-3072", comment: "flow" },
  });
  for (const { secretOutputs } of pairs) expect(secretOutputs).toEqual(["privateKeyOpenSsh", "privateKeyPem"]);
});

test("bind ports are allocated from the range, with what each tunnel insists on", async () => {
  expect(await inputsOf("acme-bind-ports")).toEqual({
    range: { first: 15000, last: 15999 },
    reservedPorts: [2222],
    tunnels: [{ name: "orders", bindPort: 15000 }, { name: "billing" }, { name: "flow", bindPort: 8080 }],
  });
  expect(
    await inputsOf("acme-bind-ports", { sshPort: 2200, reservedPorts: [9100], bindPortRange: { first: 15000, last: 15010 } }),
  ).toMatchObject({
    range: { first: 15000, last: 15010 },
    reservedPorts: [2200, 9100],
  });
});

test("the machine is looked at once, for this bastion and its users", async () => {
  const { called } = await up({ directory: "/srv/acme", tunnelUser: "acme", consumerUser: "acme-reader" }, { project: "p", stack: "s" });
  expect(called).toEqual([
    {
      token: "reverse-bastion:local:getHost",
      inputs: { id: "p-s-acme", directory: "/srv/acme", tunnelUser: "acme", consumerUser: "acme-reader" },
    },
  ]);
});

const sshdSettings = {
  version: { major: 9, minor: 2 },
  sshPort: 2222,
  users: { tunnel: "tunnel", consumer: "consumer" },
  hostKeyFiles: [`${MACHINE.directory}/etc/ssh_host_ed25519_key`, `${MACHINE.directory}/etc/ssh_host_ecdsa_key`],
  authorizedKeysCommand: `/usr/bin/python3 -I -S ${MACHINE.directory}/lib/bastion_host/authorized_keys_command.py ${MACHINE.directory}/etc/bastion.json %u %t %k %f`,
  authorizedKeysCommandUser: "tunnel",
  permitDirectory: `${MACHINE.directory}/live/sshd`,
  allowedSources: parseBastion(ARGS).clientCidrs,
  legacyCiphers: false,
};

const clientLine = (rest: string) => `restrict,port-forwarding,${rest}`;
const KEY_SET = {
  version: 1,
  users: {
    tunnel: {
      keys: [
        clientLine(`permitlisten="15000",permitlisten="15001",permitopen="127.0.0.1:1" ${ED25519_C.line} dc1`),
        clientLine(
          `permitlisten="15000",permitlisten="15001",permitlisten="localhost:8080",permitlisten="127.0.0.1:8080",permitopen="127.0.0.1:1",expiry-time="20270630235959Z" ${ED25519_B.line} dr-site`,
        ),
      ],
      permitListen: ["15000", "15001", "localhost:8080", "127.0.0.1:8080"],
      permitOpen: [],
    },
    consumer: {
      keys: [clientLine(`permitlisten="127.0.0.1:1",permitopen="localhost:8080",permitopen="127.0.0.1:8080" ${RSA_3072.line} flow`)],
      permitListen: [],
      permitOpen: ["localhost:15000", "127.0.0.1:15000", "localhost:15001", "127.0.0.1:15001", "localhost:8080", "127.0.0.1:8080"],
    },
  },
};

test("sshd gets the machine's facts, its files, its host keys and its key set", async () => {
  const { keySet, files, ...inputs } = await inputsOf("acme-sshd");
  expect(inputs).toEqual({
    directory: MACHINE.directory,
    python: "/usr/bin/python3",
    tunnelUser: "tunnel",
    consumerUser: "consumer",
    probeAddress: "127.0.0.1",
    sshPort: 2222,
    secretFiles: [
      { path: "etc/ssh_host_ed25519_key", mode: 0o600, content: privateKeyOf("acme-host-key-ed25519") },
      { path: "etc/ssh_host_ecdsa_key", mode: 0o600, content: privateKeyOf("acme-host-key-ecdsa") },
    ],
  });
  expect(JSON.parse(keySet as string)).toEqual(KEY_SET);
  const settings = {
    directory: MACHINE.directory,
    sshd: "/usr/sbin/sshd",
    sshKeygen: "/usr/bin/ssh-keygen",
    sshPort: 2222,
    users: ["tunnel", "consumer"],
  };
  expect(files).toEqual([
    { path: "etc/sshd_config", mode: 0o600, content: renderStandaloneSshdConfig(sshdSettings) },
    { path: "etc/bastion.json", mode: 0o600, content: `${JSON.stringify(settings, undefined, 2)}\n` },
    { path: "log/README", mode: 0o600, content: "bastion.log: what sshd and the bastion's programs have to say, one event a line.\n" },
    ...hostPrograms("lib"),
  ]);
});

test("what the author chooses reaches sshd", async () => {
  const inputs = await inputsOf("acme-sshd", {
    sshPort: 2200,
    listenAddress: "203.0.113.2",
    legacyCiphers: true,
    clientCidrs: ["198.51.100.0/24", "203.0.113.0/28"],
  });
  expect(inputs).toMatchObject({ sshPort: 2200, probeAddress: "203.0.113.2" });
  const [sshdConfig] = inputs.files as { content: string }[];
  const allowedSources = parseBastion({ ...ARGS, clientCidrs: ["198.51.100.0/24", "203.0.113.0/28"] }).clientCidrs;
  expect(sshdConfig?.content).toBe(
    renderStandaloneSshdConfig({ ...sshdSettings, sshPort: 2200, listenAddress: "203.0.113.2", legacyCiphers: true, allowedSources }),
  );
});

test("without root, both users are the one the machine has, in sshd's files, the keys and the commands", async () => {
  const calls = { "reverse-bastion:local:getHost": () => ({ ...MACHINE, tunnelUser: "me", consumerUser: "me" }) };
  const { registered, result } = await up({}, { calls });
  const inputs = registered.find(({ name }) => name === "acme-sshd")?.inputs ?? {};
  expect(inputs).toMatchObject({ tunnelUser: "me", consumerUser: "me" });
  expect(Object.keys(JSON.parse(inputs.keySet as string).users)).toEqual(["me"]);
  expect((inputs.files as { content: string }[])[0]?.content).toBe(
    renderStandaloneSshdConfig({ ...sshdSettings, users: { tunnel: "me", consumer: "me" }, authorizedKeysCommandUser: "me" }),
  );
  expect([await settled(result.user), await settled(result.consumerUser)]).toEqual(["me", "me"]);
});

test("the outputs are what the core describes, for the host that clients dial", async () => {
  const { result } = await up();
  const bastion = parseBastion(ARGS);
  const fingerprints = { dc1: ED25519_C, "dr-site": ED25519_B, flow: RSA_3072 } as Readonly<Record<string, { fingerprint: string }>>;
  const expected = describeBastion({
    bastion,
    users: { tunnel: "tunnel", consumer: "consumer" },
    host: "bastion.example.com",
    hostKeys: [keyOf(ED25519_A), keyOf(ECDSA_P256)],
    tunnels: placeTunnels(bastion.tunnels, { orders: 15000, billing: 15001, flow: 8080 }),
    fingerprintsOf: (_role, { name }) => [fingerprints[name]?.fingerprint ?? ""],
  });
  for (const [name, value] of Object.entries(expected)) {
    const output = result[name as keyof LocalBastion] as pulumi.Output<unknown>;
    expect(await settled(output), name).toEqual(value);
    expect(await pulumi.isSecret(output), name).toBe(false);
  }
  expect(await settled(result.directory)).toBe(MACHINE.directory);
});

test("without a host, commands say this machine", async () => {
  const { host: _host, ...args } = ARGS;
  const { result } = await deploy(() => new LocalBastion("acme", args), LOCAL_ENGINE);
  expect([await settled(result.host), await settled(result.endpoint)]).toEqual(["127.0.0.1", "ssh://tunnel@127.0.0.1:2222"]);
});

test("a client that may be called as everything is that objects have by themselves is described like any other", async () => {
  const { result } = await up({ clients: [{ name: "constructor", publicKeys: [ED25519_C.line] }], consumers: [] });
  expect((await settled(result.clients)).map(({ name, fingerprints }) => [name, fingerprints])).toEqual([
    ["constructor", [ED25519_C.fingerprint]],
  ]);
});

// Secrets.

test("generated private keys are secret outputs, in the form that was asked for", async () => {
  const { result } = await up({ consumers: [...(ARGS.consumers ?? []), { name: "bi", generateKey: "ed25519" }] });
  expect([await pulumi.isSecret(result.clientPrivateKeys), await pulumi.isSecret(result.consumerPrivateKeys)]).toEqual([true, true]);
  expect(await settled(result.clientPrivateKeys)).toEqual({ "dr-site": privateKeyOf("acme-client-dr-site-key") });
  expect(await settled(result.consumerPrivateKeys)).toEqual({
    flow: privateKeyOf("acme-consumer-flow-key", "RSA"),
    bi: privateKeyOf("acme-consumer-bi-key"),
  });
});

test("the outputs with private keys are secret even when there are none", async () => {
  const { result } = await up({ clients: [{ name: "dc1", publicKeys: [ED25519_C.line] }], consumers: [] });
  expect([await settled(result.clientPrivateKeys), await pulumi.isSecret(result.clientPrivateKeys)]).toEqual([{}, true]);
  expect([await settled(result.consumerPrivateKeys), await pulumi.isSecret(result.consumerPrivateKeys)]).toEqual([{}, true]);
});

test("the host keys reach sshd as a secret, and no private key is in any input that is not one", async () => {
  const { registered } = await up();
  const holders: string[] = [];
  for (const { name, inputs, secretInputs } of registered)
    for (const [key, value] of Object.entries(inputs))
      if (JSON.stringify(value).includes("PRIVATE KEY")) holders.push(`${name}.${key}: ${secretInputs.includes(key)}`);
  expect(holders).toEqual(["acme-sshd.secretFiles: true"]);
  expect(registered.find(({ name }) => name === "acme-sshd")?.secretOutputs).toEqual(["secretFiles"]);
});

test("only what is secret is secret: the rest of sshd's inputs can be read in a preview", async () => {
  const { registered } = await up();
  expect(registered.flatMap(({ name, secretInputs }) => secretInputs.map((key) => `${name}.${key}`))).toEqual(["acme-sshd.secretFiles"]);
});

test("customers' private keys do not go to the machine at all", async () => {
  const { registered } = await up();
  const everything = JSON.stringify(registered.map(({ inputs }) => inputs));
  for (const name of ["acme-client-dr-site-key", "acme-consumer-flow-key"]) expect(everything).not.toContain(`secret of ${name}`);
});

/** The secret number of a key as it would look in base64, wherever it begins. The public half around it may be seen. */
function secretPiecesOf(publicKey: string, privateKey: string): string[] {
  const blob = Buffer.from(publicKey.split(" ")[1] ?? "", "base64");
  const body = Buffer.from(privateKey.split("\n").slice(1, -2).join(""), "base64");
  const point = blob.subarray(publicKey.startsWith("ecdsa") ? -65 : -32);
  const at = body.lastIndexOf(point);
  const secret = publicKey.startsWith("ecdsa") ? body.subarray(at + 65 + 4, at + 65 + 4 + 32) : body.subarray(at - 32, at);
  return [0, 1, 2].map((skip) => secret.subarray(skip, skip + 24).toString("base64"));
}

test("with the provider's real key pairs, no piece of a private key is in any input that is not secret", async () => {
  const states = new Map<string, Record<string, unknown>>();
  const args = { ...ARGS, consumers: [{ name: "flow", generateKey: "ed25519" as const, tunnels: ["flow"] }] };
  for (const name of ["host-key-ed25519", "host-key-ecdsa", "client-dr-site-key", "consumer-flow-key"]) {
    const { state } = await sshKeyPairKind.create({ algorithm: name.includes("ecdsa") ? "ecdsa-p256" : "ed25519", comment: "x" });
    states.set(`acme-${name}`, state);
  }
  const { registered, result, error } = await deploy(() => new LocalBastion("acme", args), {
    ...LOCAL_ENGINE,
    outputsOf: ({ name, type, inputs }) =>
      type === "reverse-bastion:index:BindPorts" ? (bindPortsKind.check?.(inputs, {}).inputs ?? {}) : (states.get(name) ?? {}),
  });
  expect(error).toBeUndefined();
  expect((await settled(result.tunnels)).map(({ bindPort }) => bindPort)).toEqual([15000, 15001, 8080]);
  const open = JSON.stringify(
    registered.map(({ inputs, secretInputs }) => Object.entries(inputs).filter(([key]) => !secretInputs.includes(key))),
  );
  const sealed = JSON.stringify(registered.find(({ name }) => name === "acme-sshd")?.inputs.secretFiles);
  for (const [name, state] of states) {
    const pieces = secretPiecesOf(state.publicKey as string, (state.privateKeyOpenSsh as { value: string }).value);
    expect(
      pieces.filter((piece) => open.includes(piece)),
      name,
    ).toEqual([]);
    // The search finds them where they are.
    expect(
      pieces.some((piece) => sealed.replaceAll("\\n", "").includes(piece)),
      name,
    ).toBe(name.startsWith("acme-host-key"));
  }
});

// Previews.

test("a first preview, which knows no key yet, shows every resource and does not crash", async () => {
  const { registered, result, error, logged } = await up(
    {},
    {
      preview: true,
      outputsOf: ({ type }) => (type.endsWith("BindPorts") ? { bindPorts: { orders: 15000, billing: 15001, flow: 8080 } } : {}),
    },
  );
  expect([error, logged.filter(({ severity }) => severity === "error")]).toEqual([undefined, []]);
  expect(registered.map(({ name }) => name).sort()).toEqual([
    "acme",
    "acme-bind-ports",
    "acme-client-dr-site-key",
    "acme-consumer-flow-key",
    "acme-host-key-ecdsa",
    "acme-host-key-ed25519",
    "acme-sshd",
  ]);
  const sshd = registered.find(({ name }) => name === "acme-sshd")?.inputs ?? {};
  expect(
    Object.entries(sshd)
      .filter(([, value]) => value === pulumi.runtime.unknownValue)
      .map(([key]) => key)
      .sort(),
  ).toEqual(["keySet", "secretFiles"]);
  expect(sshd).toMatchObject({ directory: MACHINE.directory, sshPort: 2222 });
  expect((sshd.files as unknown[]).length).toBe(3 + hostPrograms("lib").length);
  expect([await isKnown(result.tunnels), await isKnown(result.clientPrivateKeys)]).toEqual([false, false]);
});

test("a preview that does not even know the bind ports does not crash", async () => {
  const { error, registered } = await up({}, { preview: true, outputsOf: () => ({}) });
  expect(error).toBeUndefined();
  expect(registered).toHaveLength(7);
});

test("a preview of what exists shows the outputs", async () => {
  const { result } = await up({}, { preview: true });
  expect([await isKnown(result.tunnels), (await settled(result.tunnels)).map(({ bindPort }) => bindPort)]).toEqual([
    true,
    [15000, 15001, 8080],
  ]);
});

// Bad input.

test("bad arguments are all reported on the component, without a stack, and nothing is created", async () => {
  const { registered, called, error } = await up({ sshPort: 22, clientCidrs: ["10.0.0.5/24"], clients: [{ name: "dc1" }] });
  expect(pulumi.ResourceError.isInstance(error)).toBe(true);
  const { message, hideStack, resource } = error as pulumi.ResourceError;
  expect(message.split("\n")).toEqual([
    'clientCidrs[0]: "10.0.0.5/24" has host bits set; write "10.0.0.0/24" for the block or "10.0.0.5/32" for the one address',
    "sshPort: got 22; allowed is 1024–32767, usually 2222 (22 is left to the host's own sshd)",
    'clients[0].publicKeys: has no key; paste the line of its .pub file, or have one made with "generateKey: ed25519"',
  ]);
  expect(hideStack).toBe(true);
  expect(resource).toBeInstanceOf(LocalBastion);
  expect(registered.map(({ type }) => type)).toEqual(["reverse-bastion:local:LocalBastion"]);
  expect(called).toEqual([]);
});

test.each([
  ["host", { host: "x\nProxyCommand id" }],
  ["host", { host: "" }],
  ["listenAddress", { listenAddress: "0.0.0.0\nPermitRootLogin yes" }],
  ["listenAddress", { listenAddress: "localhost" }],
  ["directory", { directory: "srv/acme" }],
] as const)("a bad %s is refused like any other argument: %j", async (path, args) => {
  const { registered, error } = await up(args);
  expect(pulumi.ResourceError.isInstance(error)).toBe(true);
  expect((error as Error).message).toMatch(new RegExp(`^${path}: `));
  expect(registered.map(({ name }) => name)).toEqual(["acme"]);
});

test("clients without tunnels are refused before anything is created", async () => {
  const { registered, error } = await up({
    tunnels: [],
    clients: [{ name: "dc1", publicKeys: [ED25519_C.line] }],
    consumers: [],
    consumerCidrs: [],
  });
  expect(pulumi.ResourceError.isInstance(error)).toBe(true);
  expect(registered.map(({ name }) => name)).toEqual(["acme"]);
});

// The warning.

const WARNING =
  "this target has no firewall, so whoever reaches this machine reaches the bind port, not only consumerCidrs. " +
  'Set "bindAddress: loopback" on the tunnel, or put a firewall in front.';

test("bind ports that are open to more than consumerCidrs are warned of, once, by name, on the component", async () => {
  const { logged } = await up();
  expect(logged).toEqual([{ severity: "warn", message: `orders, billing: ${WARNING}`, resource: COMPONENT }]);
});

test("a tunnel on one address of the machine is warned of as well", async () => {
  const { logged } = await up({
    tunnels: [
      { name: "orders", bindAddress: "203.0.113.2" },
      { name: "flow", bindAddress: "loopback" },
    ],
    clients: [],
    consumers: [],
  });
  expect(logged.map(({ message }) => message)).toEqual([`orders: ${WARNING}`]);
});

test.each([
  ["every tunnel is on loopback", { tunnels: [{ name: "flow", bindAddress: "loopback" }], consumerCidrs: [] }],
  ["there are no tunnels", { tunnels: [], consumerCidrs: [] }],
  ["the world is let in anyway", { consumerCidrs: ["10.20.0.0/16", "0.0.0.0/0"] }],
] as const)("nothing is warned of when %s", async (_when, args) => {
  const { logged, error } = await up({ ...args, clients: [], consumers: [] });
  expect([error, logged]).toEqual([undefined, []]);
});

test("refused arguments are not also warned of", async () => {
  expect((await up({ sshPort: 22 })).logged).toEqual([]);
});
