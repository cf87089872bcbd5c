import * as pulumi from "@pulumi/pulumi";
import { describe, expect, test } from "vitest";
import { parseBastion } from "../../../components/core/bastion.ts";
import type { BastionSpec } from "../../../components/core/bastion-spec.ts";
import { type BastionDescription, describeBastion } from "../../../components/core/describe-bastion.ts";
import { placeTunnels } from "../../../components/core/forward.ts";
import { bindPortsKind } from "../../../components/provider/bind-ports.ts";
import { sshKeyPairKind } from "../../../components/provider/ssh-key-pair.ts";
import type { BastionOutputs } from "../../../components/shared/bastion-outputs.ts";
import { DEPLOYABLE } from "../../support/bastions.ts";
import { deploy, type EngineOptions, isKnown, type RegisteredResource, settled } from "../../support/engine.ts";
import { ECDSA_P256, ED25519_A, ED25519_AUTHORITY, ED25519_B, ED25519_C, keyOf, RSA_3072 } from "../../support/keys.ts";
import { privateKeyOf } from "../../support/local-engine.ts";
import { resourceIn } from "../../support/registered.ts";
import { TARGETS } from "./targets.ts";

/** What everybody who uses a bastion may know; `satisfies` makes the list whole. */
const PUBLIC_OUTPUTS = {
  host: true,
  sshPort: true,
  statusPort: true,
  user: true,
  consumerUser: true,
  endpoint: true,
  consumerEndpoint: true,
  hostKeys: true,
  knownHosts: true,
  tunnels: true,
  clients: true,
  consumers: true,
  operators: true,
  clientPrivateKeys: false,
  consumerPrivateKeys: false,
  operatorPrivateKeys: false,
} as const satisfies Record<keyof BastionOutputs, boolean>;

const BIND_PORTS = { orders: 15000, billing: 15001, flow: 8080 };

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
        `cert-authority,principals="dr-site",${clientLine(
          `permitlisten="15000",permitlisten="15001",permitlisten="localhost:8080",permitlisten="127.0.0.1:8080",permitopen="127.0.0.1:1",expiry-time="20270630235959Z" ${ED25519_AUTHORITY.line} dr-site`,
        )}`,
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
  tunnels: [
    { name: "orders", bindPort: 15000, bindAddress: "all" },
    { name: "billing", bindPort: 15001, bindAddress: "all" },
    { name: "flow", bindPort: 8080, bindAddress: "loopback" },
  ],
};

/** The resources that are the same on every target, with their inputs. */
const SHARED_RESOURCES = {
  "acme-bind-ports": {
    range: { first: 15000, last: 15999 },
    reservedPorts: [2222, 9422],
    tunnels: [{ name: "orders", bindPort: 15000 }, { name: "billing" }, { name: "flow", bindPort: 8080 }],
  },
  "acme-host-key-ed25519": { algorithm: "ed25519", comment: "acme host key" },
  "acme-host-key-ecdsa": { algorithm: "ecdsa-p256", comment: "acme host key" },
  "acme-client-dr-site-key": { algorithm: "ed25519", comment: "dr-site" },
  "acme-consumer-flow-key": { algorithm: "rsa-3072", comment: "flow" },
};

/** What is in an input, also where it is in base64. */
function readable(value: unknown): string {
  const text = JSON.stringify(value) ?? "";
  return text.replaceAll(/[A-Za-z0-9+/]{100,}={0,2}/g, (run) => `${run} ${Buffer.from(run, "base64").toString("latin1")}`);
}

describe.each(Object.entries(TARGETS))("%s", (_target, target) => {
  const { type, make, engine, host, consumerHost, keySetIn, hostKeyInput, ownResources } = target;
  const component = `${type}::acme`;
  const up = (args: Partial<BastionSpec> = {}, options: EngineOptions = {}) =>
    deploy(() => make("acme", { ...DEPLOYABLE, ...args }), { ...engine, ...options });
  const sharedOf = (registered: readonly RegisteredResource[]) =>
    Object.fromEntries(
      registered.filter((resource) => resource.type.startsWith("reverse-bastion:index:")).map(({ name, inputs }) => [name, inputs]),
    );

  test("the outputs are what the core describes, for the hosts of the target; only private keys are secret", async () => {
    const { result, error } = await up();
    expect(error).toBeUndefined();
    const bastion = parseBastion(DEPLOYABLE);
    const fingerprints = { dc1: ED25519_C, "dr-site": ED25519_B, flow: RSA_3072 } as Readonly<Record<string, { fingerprint: string }>>;
    const expected: BastionDescription = describeBastion({
      bastion,
      users: { tunnel: "tunnel", consumer: "consumer" },
      host,
      consumerHosts: [consumerHost],
      hostKeys: [keyOf(ED25519_A), keyOf(ECDSA_P256)],
      tunnels: placeTunnels(bastion.tunnels, BIND_PORTS),
      fingerprintsOf: (_role, { name }) => [fingerprints[name]?.fingerprint ?? ""],
    });
    for (const [name, isPublic] of Object.entries(PUBLIC_OUTPUTS)) {
      const output = result[name as keyof BastionOutputs] as pulumi.Output<unknown>;
      expect(await pulumi.isSecret(output), name).toBe(!isPublic);
      if (isPublic) expect(await settled(output), name).toEqual(expected[name as keyof BastionDescription]);
    }
  });

  test("the component says what its outputs are, with the endpoint among them", async () => {
    const { outputs } = await up();
    expect(outputs[component]).toMatchObject({ endpoint: `ssh://tunnel@${host}:2222` });
  });

  test("everything is a child of the component, and its name begins with the bastion's", async () => {
    const { registered } = await up();
    const [first, ...children] = registered;
    expect(first).toMatchObject({ type, name: "acme", parent: undefined, custom: false });
    expect(children.filter(({ name, parent }) => parent !== component || !name.startsWith("acme-"))).toEqual([]);
  });

  test("two bastions of one program have no name in common", async () => {
    const { registered, error } = await deploy(() => [make("acme", DEPLOYABLE), make("globex", { ...DEPLOYABLE, sshPort: 2223 })], {
      ...engine,
      outputsOf: (resource) => engine.outputsOf?.({ ...resource, name: resource.name.replace("globex", "acme") }) ?? {},
    });
    expect(error).toBeUndefined();
    const names = registered.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
  });

  test("host keys, generated keys and bind ports are made the same way", async () => {
    const { registered } = await up();
    expect(sharedOf(registered)).toEqual({ ...SHARED_RESOURCES, ...ownResources });
    for (const { secretOutputs } of registered.filter((resource) => resource.type.endsWith("SshKeyPair")))
      expect(secretOutputs).toEqual(["privateKeyOpenSsh", "privateKeyPem"]);
  });

  test("bind ports are allocated from the range, around sshd's own and those that are reserved", async () => {
    const { registered } = await up({ sshPort: 2200, reservedPorts: [9100], bindPortRange: { first: 15000, last: 15010 } });
    expect(sharedOf(registered)["acme-bind-ports"]).toMatchObject({
      range: { first: 15000, last: 15010 },
      reservedPorts: [2200, 9400, 9100],
    });
  });

  test("the key set reaches the machine's mailbox, whole", async () => {
    expect(JSON.parse(keySetIn((await up()).registered))).toEqual(KEY_SET);
  });

  test("the users that were chosen are in the outputs and in the key set", async () => {
    // On the machine at hand, the provider has the last word on users.
    const calls = {
      ...engine.calls,
      "reverse-bastion:local:getHost": (inputs: object) => ({ ...engine.calls?.["reverse-bastion:local:getHost"]?.({}), ...inputs }),
    };
    const { registered, result } = await up({ tunnelUser: "acme", consumerUser: "acme-reader" }, { calls });
    expect([await settled(result.user), await settled(result.consumerUser)]).toEqual(["acme", "acme-reader"]);
    expect(Object.keys(JSON.parse(keySetIn(registered)).users)).toEqual(["acme", "acme-reader"]);
  });

  test("an operator has a key that reaches the status and nothing else, and everybody is told the port", async () => {
    const operators = [
      { name: "on-call", publicKeys: [ED25519_A.line] },
      { name: "prometheus", generateKey: "ed25519" },
    ] as const;
    const { registered, result } = await up({ operators, statusPort: 9100 });
    const [, ...lines] = JSON.parse(keySetIn(registered)).users.consumer.keys as string[];
    expect(lines.map((line) => line.split(" ").at(-1))).toEqual(["on-call", "prometheus"]);
    for (const line of lines)
      expect(line).toMatch(/^restrict,port-forwarding,permitlisten="127\.0\.0\.1:1",permitopen="127\.0\.0\.1:9100" /);
    expect((await settled(result.operators)).map(({ name }) => name)).toEqual(["on-call", "prometheus"]);
    expect(await settled(result.statusPort)).toBe(9100);
    expect(Object.keys(await settled(result.operatorPrivateKeys))).toEqual(["prometheus"]);
    expect(sharedOf(registered)["acme-operator-prometheus-key"]).toEqual({ algorithm: "ed25519", comment: "prometheus" });
  });

  test("a client that is called as something that objects have by themselves is a client like any other", async () => {
    const { result, registered } = await up({ clients: [{ name: "constructor", publicKeys: [ED25519_C.line] }], consumers: [] });
    expect((await settled(result.clients)).map(({ name, fingerprints }) => [name, fingerprints])).toEqual([
      ["constructor", [ED25519_C.fingerprint]],
    ]);
    expect(JSON.parse(keySetIn(registered)).users.tunnel.keys).toHaveLength(1);
  });

  // Bad input.

  test("bad arguments are all reported on the component, without a stack, and nothing is created", async () => {
    const { registered, called, logged, error } = await up({ sshPort: 22, clientCidrs: ["10.0.0.5/24"], clients: [{ name: "dc1" }] });
    expect(pulumi.ResourceError.isInstance(error)).toBe(true);
    const { message, hideStack, resource } = error as pulumi.ResourceError;
    expect(message.split("\n")).toEqual([
      'clientCidrs[0]: "10.0.0.5/24" has host bits set; write "10.0.0.0/24" for the block or "10.0.0.5/32" for the one address',
      "sshPort: got 22; allowed is 1024–32767, usually 2222 (22 is left to the host's own sshd)",
      'clients[0].publicKeys: has no key; paste the line of its .pub file, or have one made with "generateKey: ed25519"',
    ]);
    expect(hideStack).toBe(true);
    expect(await settled((resource as pulumi.Resource).urn)).toContain("::acme");
    expect([registered.map(({ name }) => name), called, logged]).toEqual([["acme"], [], []]);
  });

  test("a bad name is refused like any other argument", async () => {
    const { registered, error } = await deploy(() => make("Acme Corp", DEPLOYABLE), engine);
    expect((error as Error).message).toBe(
      'name: got "Acme Corp"; a name is 1–40 of a–z, 0–9 and "-", and begins and ends with a letter or digit',
    );
    expect(registered).toHaveLength(1);
  });

  // Secrets.

  test("generated private keys are given in the form that was asked for", async () => {
    const { result } = await up({ consumers: [...(DEPLOYABLE.consumers ?? []), { name: "bi", generateKey: "ed25519" }] });
    expect(await settled(result.clientPrivateKeys)).toEqual({ "dr-site": privateKeyOf("acme-client-dr-site-key") });
    expect(await settled(result.consumerPrivateKeys)).toEqual({
      flow: privateKeyOf("acme-consumer-flow-key", "RSA"),
      bi: privateKeyOf("acme-consumer-bi-key"),
    });
  });

  test("while a generated key is changed, the new one is made and given, and both are accepted", async () => {
    const clients = [{ name: "dr-site", generateKey: "ed25519" as const, keyGeneration: 2, tunnels: ["orders"] }];
    const changing = await up({ clients: clients.map((client) => ({ ...client, keepPreviousKey: true })), consumers: [] });
    const pairs = { "acme-client-dr-site-key": SHARED_RESOURCES["acme-client-dr-site-key"] };
    expect(sharedOf(changing.registered)).toMatchObject({ ...pairs, "acme-client-dr-site-key-2": pairs["acme-client-dr-site-key"] });
    const line = (key: string) => clientLine(`permitlisten="15000",permitopen="127.0.0.1:1" ${key} dr-site`);
    const keysIn = (registered: readonly RegisteredResource[]) =>
      (JSON.parse(keySetIn(registered)) as { users: Record<string, { keys: string[] }> }).users.tunnel?.keys;
    expect(keysIn(changing.registered)).toEqual([line(ED25519_A.line), line(ED25519_B.line)]);
    expect(await settled(changing.result.clients)).toMatchObject([
      { name: "dr-site", keyGenerations: [2, 1], fingerprints: [ED25519_A.fingerprint, ED25519_B.fingerprint] },
    ]);
    expect(await settled(changing.result.clientPrivateKeys)).toEqual({ "dr-site": privateKeyOf("acme-client-dr-site-key-2") });

    const changed = await up({ clients, consumers: [] });
    expect(Object.keys(sharedOf(changed.registered)).filter((name) => name.startsWith("acme-client-"))).toEqual([
      "acme-client-dr-site-key-2",
    ]);
    expect(keysIn(changed.registered)).toEqual([line(ED25519_A.line)]);
    expect(await settled(changed.result.clients)).toMatchObject([{ keyGenerations: [2], fingerprints: [ED25519_A.fingerprint] }]);
  });

  test("the outputs with private keys are secret even when there are none", async () => {
    const { result } = await up({ clients: [{ name: "dc1", publicKeys: [ED25519_C.line] }], consumers: [] });
    expect([await settled(result.clientPrivateKeys), await pulumi.isSecret(result.clientPrivateKeys)]).toEqual([{}, true]);
    expect([await settled(result.consumerPrivateKeys), await pulumi.isSecret(result.consumerPrivateKeys)]).toEqual([{}, true]);
  });

  test("the host keys reach the machine as a secret, and no private key is in any other input or output", async () => {
    const { registered, outputs } = await up();
    const holders: string[] = [];
    for (const { name, inputs, secretInputs } of registered)
      for (const [key, value] of Object.entries(inputs))
        if (readable(value).includes("PRIVATE KEY")) holders.push(`${name}.${key}: ${secretInputs.includes(key)}`);
    expect(holders).toEqual([`${hostKeyInput}: true`]);
    expect(JSON.stringify(outputs)).not.toContain("PRIVATE KEY");
  });

  test("the next host keys are made and announced beside the present ones, and become them as they are", async () => {
    const hostKeysOf = async (args: Partial<BastionSpec>) => {
      const { registered, result } = await up(args);
      const [holder, input] = hostKeyInput.split(".") as [string, string];
      const delivered = readable(resourceIn(registered, holder).inputs[input]);
      return {
        made: Object.keys(sharedOf(registered)).filter((name) => name.includes("host-key")),
        delivered: [...delivered.matchAll(/ssh_host_\w+_key|secret of [\w-]+/g)].map(([found]) => found).sort(),
        announcedOnly: (await settled(result.hostKeys)).map((key) => key.announcedOnly),
        knownHosts: (await settled(result.knownHosts)).trim().split("\n").length,
      };
    };
    const pairs = (place: string, suffix: string) =>
      ["ed25519", "ecdsa"].flatMap((kind) => [`ssh_host_${kind}_${place}`, `secret of acme-host-key-${kind}${suffix}`]);
    expect(await hostKeysOf({ announceNextHostKeys: true })).toEqual({
      made: ["acme-host-key-ed25519", "acme-host-key-ecdsa", "acme-host-key-ed25519-2", "acme-host-key-ecdsa-2"],
      delivered: [...pairs("key", ""), ...pairs("next_key", "-2")].sort(),
      announcedOnly: [false, false, true, true],
      knownHosts: 4,
    });
    expect(await hostKeysOf({ hostKeyGeneration: 2 })).toEqual({
      made: ["acme-host-key-ed25519-2", "acme-host-key-ecdsa-2"],
      delivered: pairs("key", "-2").sort(),
      announcedOnly: [false, false],
      knownHosts: 2,
    });
  });

  test("customers' private keys do not go to the machine at all", async () => {
    const { registered } = await up();
    const everything = JSON.stringify(registered.map(({ inputs }) => inputs));
    for (const name of ["acme-client-dr-site-key", "acme-consumer-flow-key"]) expect(everything).not.toContain(`secret of ${name}`);
  });

  test("with the provider's real key pairs, no piece of a private key is in any input that is not secret", async () => {
    const states = new Map<string, Record<string, unknown>>();
    const consumers = [{ name: "flow", generateKey: "ed25519" as const, tunnels: ["flow"] }];
    for (const name of ["host-key-ed25519", "host-key-ecdsa", "client-dr-site-key", "consumer-flow-key"]) {
      const { state } = await sshKeyPairKind.create({ algorithm: name.includes("ecdsa") ? "ecdsa-p256" : "ed25519", comment: "x" });
      states.set(`acme-${name}`, { ...state, privateKeyOpenSsh: (state.privateKeyOpenSsh as { value: string }).value });
    }
    const { registered, result, error } = await up(
      { consumers },
      {
        outputsOf: (resource) =>
          resource.type === "reverse-bastion:index:BindPorts"
            ? (bindPortsKind.check?.(resource.inputs, {}).inputs ?? {})
            : (states.get(resource.name) ?? engine.outputsOf?.(resource) ?? {}),
      },
    );
    expect(error).toBeUndefined();
    expect((await settled(result.tunnels)).map(({ bindPort }) => bindPort)).toEqual([15000, 15001, 8080]);
    const [holder, input] = hostKeyInput.split(".") as [string, string];
    const open = readable(
      registered.map(({ name, inputs }) => Object.entries(inputs).filter(([key]) => !(name === holder && key === input))),
    );
    const sealed = readable(registered.find(({ name }) => name === holder)?.inputs[input]).replaceAll(/\\+n|\n/g, "");
    for (const [name, state] of states) {
      const pieces = secretPiecesOf(state.publicKey as string, state.privateKeyOpenSsh as string);
      expect([name, pieces.filter((piece) => open.includes(piece))]).toEqual([name, []]);
      // The search finds them where they are.
      expect([name, pieces.some((piece) => sealed.includes(piece))]).toEqual([name, name.startsWith("acme-host-key")]);
    }
  });

  // Previews.

  test("a first preview, which knows no key yet, shows every resource and does not crash", async () => {
    const outputsOf = (resource: RegisteredResource) => (resource.type.endsWith("BindPorts") ? { bindPorts: BIND_PORTS } : {});
    const { registered, result, error, logged } = await up({}, { preview: true, outputsOf });
    expect([error, logged.filter(({ severity }) => severity === "error")]).toEqual([undefined, []]);
    expect(registered.map(({ name }) => name).sort()).toEqual((await up()).registered.map(({ name }) => name).sort());
    expect([await isKnown(result.tunnels), await isKnown(result.clientPrivateKeys)]).toEqual([false, false]);
  });

  test("a preview that does not even know the bind ports does not crash", async () => {
    const { error, registered } = await up({}, { preview: true, outputsOf: () => ({}) });
    expect(error).toBeUndefined();
    expect(registered).toHaveLength((await up()).registered.length);
  });

  test("a preview of what exists shows the outputs", async () => {
    const { result } = await up({}, { preview: true });
    expect([await isKnown(result.tunnels), (await settled(result.tunnels)).map(({ bindPort }) => bindPort)]).toEqual([
      true,
      [15000, 15001, 8080],
    ]);
  });
});

test("one specification gives one key set, and the same commands for people, whatever the bastion runs on", async () => {
  const given: unknown[] = [];
  for (const { make, engine, keySetIn, consumerHost } of Object.values(TARGETS)) {
    const { result, registered } = await deploy(() => make("acme", DEPLOYABLE), engine);
    const tunnels = JSON.stringify(await settled(result.tunnels)).replaceAll(`"${consumerHost}:`, '"CONSUMER:');
    given.push([
      keySetIn(registered),
      tunnels,
      await settled(result.clients),
      await settled(result.consumers),
      await settled(result.knownHosts),
    ]);
  }
  expect(given.length).toBeGreaterThan(1);
  for (const other of given) expect(other).toEqual(given[0]);
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
