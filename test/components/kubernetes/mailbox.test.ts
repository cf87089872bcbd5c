import { gunzipSync } from "node:zlib";
import { expect, test } from "vitest";
import type { ClientSpec } from "../../../components/core/bastion-spec.ts";
import type { KubernetesBastionArgs } from "../../../components/kubernetes/kubernetes-bastion.ts";
import type { EngineOptions, RegisteredResource } from "../../support/engine.ts";
import { ED25519_A } from "../../support/keys.ts";
import { inputsOf, NAMESPACE, up } from "../../support/kubernetes-bastion.ts";
import { kubernetesOutputs } from "../../support/kubernetes-engine.ts";
import { privateKeyOf } from "../../support/local-engine.ts";
import { RANDOM_KEY } from "../../support/random-keys.ts";
import { resourceIn } from "../../support/registered.ts";

const MEBIBYTE = 2 ** 20;

/** The key set in its ConfigMap, and what the object has to hold. */
function keySetIn(registered: readonly RegisteredResource[]) {
  const { data = {}, binaryData = {} } = resourceIn(registered, "acme-key-set").inputs as Record<string, Record<string, string>>;
  const plain = data["key-set.json"];
  const packed = Buffer.from(binaryData["key-set.json.gz"] ?? "", "base64");
  return {
    files: [...Object.keys(data), ...Object.keys(binaryData)],
    bytes: Buffer.byteLength(plain ?? "") + packed.length,
    keySet: JSON.parse(plain ?? gunzipSync(packed).toString("utf8")),
  };
}

/** The inputs of a change that differ from those before it, as `resource.input`. */
async function changesOf(change: Partial<KubernetesBastionArgs>, before: Partial<KubernetesBastionArgs> = {}) {
  const inputs = async (args: Partial<KubernetesBastionArgs>) =>
    new Map(
      (await up(args)).registered.flatMap(({ name, inputs: all }) => Object.entries(all).map(([key, value]) => [`${name}.${key}`, value])),
    );
  const [first, second] = [await inputs(before), await inputs({ ...before, ...change })];
  return [...new Set([...first.keys(), ...second.keys()])]
    .filter((key) => JSON.stringify(first.get(key)) !== JSON.stringify(second.get(key)))
    .sort();
}

// What a change changes.

test.each<[string, Partial<KubernetesBastionArgs>, string[]]>([
  ["a client more", { clients: [{ name: "dc2", publicKeys: [ED25519_A.line] }] }, ["acme-key-set.data"]],
  ["another date", { clients: [{ name: "dr-site", generateKey: "ed25519", expiresAt: "2030-01-01" }] }, ["acme-key-set.data"]],
  ["a consumer less", { consumers: [] }, ["acme-key-set.data"]],
])("%s changes the ConfigMap with the key set, and nothing that runs", async (_what, change, expected) => {
  expect((await changesOf(change)).filter((key) => !key.startsWith("acme-client-") && !key.startsWith("acme-consumer-"))).toEqual(expected);
});

test("a tunnel less changes the key set, the service and the policy, and nothing that runs", async () => {
  const tunnels = [{ name: "orders", bindPort: 15000 }];
  const rest = { clients: [{ name: "dr-site", generateKey: "ed25519" as const }], consumers: [] };
  expect(await changesOf({ tunnels }, rest)).toEqual([
    "acme-bind-ports.tunnels",
    "acme-key-set.data",
    "acme-network-policy.spec",
    "acme-tunnel-service.spec",
  ]);
});

test.each<[string, Partial<KubernetesBastionArgs>, string[]]>([
  [
    "sshPort",
    { sshPort: 2200 },
    [
      "acme-bind-ports.reservedPorts",
      "acme-config.data",
      "acme-deployment.spec",
      "acme-network-policy.spec",
      "acme-ssh-service.metadata",
      "acme-ssh-service.spec",
    ],
  ],
  ["legacyCiphers", { legacyCiphers: true }, ["acme-config.data", "acme-deployment.spec"]],
  [
    "clientCidrs",
    { clientCidrs: ["203.0.113.0/24"] },
    ["acme-config.data", "acme-deployment.spec", "acme-network-policy.spec", "acme-ssh-service.spec"],
  ],
  ["consumerCidrs", { consumerCidrs: ["10.30.0.0/16"] }, ["acme-network-policy.spec"]],
  ["consumerPods", { consumerPods: [{ podLabels: { app: "etl" } }] }, ["acme-network-policy.spec"]],
  ["serviceName", { serviceName: "other" }, ["acme-tunnel-service.metadata"]],
  [
    "way to workloads",
    { workloads: {} },
    [
      "acme-config.data",
      "acme-deployment.spec",
      "acme-network-policy.spec",
      ...["apiVersion", "kind", "metadata", "rules"].map((input) => `acme-workload-role-bastions.${input}`),
      ...["apiVersion", "kind", "metadata", "roleRef", "subjects"].map((input) => `acme-workload-role-binding-bastions.${input}`),
    ],
  ],
  ["resources", { resources: { limits: { memory: "1Gi" } } }, ["acme-deployment.spec"]],
])("another %s changes exactly this", async (_what, change, expected) => {
  expect(await changesOf(change)).toEqual(expected);
});

test("a changed configuration is another object, and the pod is told by its name", async () => {
  const nameIn = async (args: Partial<KubernetesBastionArgs>) =>
    /acme-config-[0-9a-f]{8}/.exec(JSON.stringify((await inputsOf("acme-deployment", args)).spec))?.[0];
  expect(await nameIn({})).not.toBe(await nameIn({ sshPort: 2200 }));
  expect(await nameIn({})).toBe(await nameIn({ clients: [], consumers: [] }));
});

// The objects.

test("the key set has its own ConfigMap, whose name never changes, and which can be changed", async () => {
  const { immutable, metadata, data } = await inputsOf("acme-key-set");
  expect([immutable, metadata, Object.keys(data as object)]).toEqual([
    undefined,
    expect.objectContaining({ name: "acme-bastion-key-set", namespace: NAMESPACE }),
    ["key-set.json"],
  ]);
});

test("the host keys have a Secret whose name never changes, and which can be changed: the pod stays", async () => {
  const { immutable, metadata } = await inputsOf("acme-host-keys");
  expect([immutable, metadata]).toEqual([undefined, expect.objectContaining({ name: "acme-bastion-host-keys", namespace: NAMESPACE })]);
  const templateOf = async (args: Partial<KubernetesBastionArgs>) => (await inputsOf("acme-deployment", args)).spec;
  expect(await templateOf({ announceNextHostKeys: true })).toEqual(await templateOf({}));
});

test("the configuration cannot be changed, whatever the provider is told: other content is another object", async () => {
  const { immutable, metadata, data } = await inputsOf("acme-config");
  expect([immutable, (metadata as { name?: string }).name]).toEqual([true, undefined]);
  expect(Object.keys(data as object).sort()).toEqual(["bastion.json", "group", "passwd", "sshd_config"]);
});

test("the host keys are in the one Secret, and no secret is anywhere else", async () => {
  const { registered } = await up();
  const { inputs, secretInputs } = resourceIn(registered, "acme-host-keys");
  expect([inputs.type, secretInputs]).toEqual(["Opaque", ["data"]]);
  const decoded = Object.entries(inputs.data as Record<string, string>).map(([file, key]) => [file, Buffer.from(key, "base64").toString()]);
  expect(Object.fromEntries(decoded)).toEqual({
    ssh_host_ed25519_key: privateKeyOf("acme-host-key-ed25519"),
    ssh_host_ecdsa_key: privateKeyOf("acme-host-key-ecdsa"),
  });
  for (const { name, inputs: others, secretInputs: secrets } of registered.filter(({ name: each }) => each !== "acme-host-keys")) {
    expect([name, secrets]).toEqual([name, []]);
    for (const word of ["PRIVATE KEY", "secret of"]) expect(JSON.stringify(others)).not.toContain(word);
  }
});

// Many clients.

const clients = (count: number, client: (i: number) => Omit<ClientSpec, "name">): ClientSpec[] =>
  Array.from({ length: count }, (_, i) => ({ name: `client-${i}`, ...client(i) }));

/** With keys of which nothing was known. */
const upWith = (specs: readonly ClientSpec[], engine: EngineOptions = {}) =>
  up(
    { clients: specs, consumers: [] },
    {
      outputsOf: (resource) =>
        /^acme-client-client-/.test(resource.name)
          ? {
              publicKey: RANDOM_KEY[resource.inputs.algorithm === "rsa-3072" ? "rsa-pem" : "ed25519"](),
              fingerprint: "",
              privateKeyOpenSsh: "",
              privateKeyPem: "",
            }
          : kubernetesOutputs(resource),
      ...engine,
    },
  );

test.each<[string, readonly ClientSpec[], string]>([
  ["1 client", clients(1, () => ({ generateKey: "ed25519" })), "key-set.json"],
  ["50 clients with RSA keys", clients(50, () => ({ generateKey: "rsa-pem" })), "key-set.json"],
  ["500 clients with generated keys", clients(500, () => ({ generateKey: "ed25519" })), "key-set.json"],
  ["500 clients with RSA keys", clients(500, () => ({ generateKey: "rsa-pem" })), "key-set.json"],
  ["5000 clients", clients(5000, () => ({ publicKeys: [RANDOM_KEY.ed25519()] })), "key-set.json.gz"],
])("%s: the whole key set is in a ConfigMap of a size that the API server takes, and the pod is the same", async (_what, specs, file) => {
  const { registered, error } = await upWith(specs);
  expect(error).toBeUndefined();
  const { files, bytes, keySet } = keySetIn(registered);
  expect(files).toEqual([file]);
  expect(bytes).toBeLessThanOrEqual(MEBIBYTE);
  expect(keySet.users.tunnel.keys).toHaveLength(specs.length);
  expect(resourceIn(registered, "acme-deployment").inputs).toEqual(resourceIn((await up()).registered, "acme-deployment").inputs);
});

test.each([true, false])(
  "more keys than a ConfigMap takes are refused with a remedy, before anything is made (preview: %s)",
  async (preview) => {
    const { error, registered } = await upWith(
      clients(3500, () => ({ generateKey: "rsa-pem" })),
      { preview },
    );
    expect((error as Error).message).toMatch(
      /^clients: the keys of 3500 clients and 0 consumers take \d{4} KiB, and a ConfigMap has room for 1024 KiB; spread them over several bastions, or use Ed25519 keys, which are the smallest$/,
    );
    expect(registered.map(({ name }) => name)).toEqual(["acme"]);
  },
);
