import * as pulumi from "@pulumi/pulumi";
import { expect, test } from "vitest";
import { parseBastion } from "../../../components/core/bastion.ts";
import { parseCidr } from "../../../components/core/cidr.ts";
import { placeTunnels } from "../../../components/core/forward.ts";
import { makeKeySet, renderKeySet } from "../../../components/core/key-set.ts";
import { renderStandaloneSshdConfig } from "../../../components/core/sshd-config.ts";
import { hostPrograms } from "../../../components/host/programs.ts";
import { LocalBastion, type LocalBastionArgs } from "../../../components/local/local-bastion.ts";
import { DEPLOYABLE } from "../../support/bastions.ts";
import { deploy, type EngineOptions, isKnown, settled } from "../../support/engine.ts";
import { ED25519_B, ED25519_C, keyOf, RSA_3072 } from "../../support/keys.ts";
import { LOCAL_ENGINE, MACHINE, privateKeyOf } from "../../support/local-engine.ts";

const ARGS: LocalBastionArgs = { ...DEPLOYABLE, host: "bastion.example.com" };
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
  hostKeysFile: `${MACHINE.directory}/live/host-keys.conf`,
  authorizedKeysCommand: `/usr/bin/python3 -I -S ${MACHINE.directory}/lib/bastion_host/authorized_keys_command.py ${MACHINE.directory}/etc/bastion.json %u %t %k %f`,
  authorizedKeysCommandUser: "tunnel",
  permitDirectory: `${MACHINE.directory}/live/sshd`,
  allowedSources: parseBastion(ARGS).clientCidrs,
  penaltyExemptCidrs: [],
  legacyCiphers: false,
};

const TUNNELS = placeTunnels(parseBastion(ARGS).tunnels, { orders: 15000, billing: 15001, flow: 8080 });
const GENERATED = { clients: { "dr-site": [keyOf(ED25519_B)] }, consumers: { flow: [keyOf(RSA_3072)] }, operators: {} };

test("sshd gets the machine's facts, its files, its host keys and its key set", async () => {
  const { keySet, files, ...inputs } = await inputsOf("acme-sshd");
  expect(keySet).toBe(renderKeySet(makeKeySet(parseBastion(ARGS), sshdSettings.users, TUNNELS, GENERATED)));
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
  const settings = {
    directory: MACHINE.directory,
    sshd: "/usr/sbin/sshd",
    sshKeygen: "/usr/bin/ssh-keygen",
    sshPort: 2222,
    statusPort: 9422,
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
    penaltyExemptCidrs: ["203.0.113.0/28"],
  });
  expect(inputs).toMatchObject({ sshPort: 2200, probeAddress: "203.0.113.2" });
  const [sshdConfig] = inputs.files as { content: string }[];
  const allowedSources = ["198.51.100.0/24", "203.0.113.0/28"].map(parseCidr);
  const penaltyExemptCidrs = ["203.0.113.0/28"].map(parseCidr);
  expect(sshdConfig?.content).toBe(
    renderStandaloneSshdConfig({
      ...sshdSettings,
      sshPort: 2200,
      listenAddress: "203.0.113.2",
      legacyCiphers: true,
      allowedSources,
      penaltyExemptCidrs,
    }),
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

test("without a host, commands say this machine", async () => {
  const { host: _host, ...args } = ARGS;
  const { result } = await deploy(() => new LocalBastion("acme", args), LOCAL_ENGINE);
  expect([await settled(result.host), await settled(result.endpoint)]).toEqual(["127.0.0.1", "ssh://tunnel@127.0.0.1:2222"]);
});

// Secrets.

test("only what is secret is secret: the rest of sshd's inputs can be read in a preview", async () => {
  const { registered } = await up();
  expect(registered.flatMap(({ name, secretInputs }) => secretInputs.map((key) => `${name}.${key}`))).toEqual(["acme-sshd.secretFiles"]);
  expect(registered.find(({ name }) => name === "acme-sshd")?.secretOutputs).toEqual(["secretFiles"]);
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

// Bad input.

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
