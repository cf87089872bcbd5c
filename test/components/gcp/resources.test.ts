import { expect, test } from "vitest";
import { GcpBastion, type GcpBastionArgs } from "../../../components/gcp/gcp-bastion.ts";
import { DEPLOYABLE } from "../../support/bastions.ts";
import { deploy } from "../../support/engine.ts";
import { COMPONENT, LABELS, up } from "../../support/gcp-bastion.ts";
import { EXISTING, GCP_ENGINE, gcpOutputs, ZONE } from "../../support/gcp-engine.ts";
import { ED25519_A } from "../../support/keys.ts";
import { resourceIn } from "../../support/registered.ts";

/** What every bastion on Compute Engine consists of, whatever was asked for. */
const ALWAYS = [
  "gcp:compute/address:Address acme-private-ip",
  "gcp:compute/firewall:Firewall acme-allow-ssh",
  "gcp:compute/firewall:Firewall acme-allow-tunnels",
  "gcp:compute/firewall:Firewall acme-deny-rest",
  "gcp:compute/instance:Instance acme-instance",
  "gcp:secretmanager/secret:Secret acme-host-keys",
  "gcp:secretmanager/secretIamMember:SecretIamMember acme-host-keys-reader",
  "gcp:secretmanager/secretVersion:SecretVersion acme-host-keys-version",
  "gcp:serviceaccount/account:Account acme-identity",
  "reverse-bastion:index:BindPorts acme-bind-ports",
  "reverse-bastion:index:SshKeyPair acme-client-dr-site-key",
  "reverse-bastion:index:SshKeyPair acme-consumer-flow-key",
  "reverse-bastion:index:SshKeyPair acme-host-key-ecdsa",
  "reverse-bastion:index:SshKeyPair acme-host-key-ed25519",
];
const PUBLIC_ADDRESS = ["gcp:compute/address:Address acme-public-ip"];
const NETWORK = ["gcp:compute/network:Network acme-network", "gcp:compute/subnetwork:Subnetwork acme-subnetwork"];
const NAME = ["gcp:dns/recordSet:RecordSet acme-dns-record"];
const ADMIN = ["gcp:compute/firewall:Firewall acme-allow-admin"];

const cidrs = ["192.0.2.0/24"];
const imageId = "projects/debian-cloud/global/images/debian-13-trixie-v20261110";
const kmsKeyName = "projects/acme-data-prod/locations/europe-west3/keyRings/bastions/cryptoKeys/disk";
const dns = { zone: "ssh.example.com" };

const CONFIGURATIONS: readonly [string, Partial<GcpBastionArgs>, readonly string[], readonly string[]][] = [
  ["a network of its own", {}, [...NETWORK, ...PUBLIC_ADDRESS], ["getImage"]],
  ["an existing network", EXISTING, PUBLIC_ADDRESS, ["getImage", "getSubnetwork"]],
  ["private only", { ...EXISTING, privateOnly: true }, [], ["getImage", "getSubnetwork"]],
  ["a name", { dns }, [...NETWORK, ...PUBLIC_ADDRESS, ...NAME], ["getImage", "getManagedZones"]],
  ["an admin with a key", { admin: { publicKey: ED25519_A.line, cidrs } }, [...NETWORK, ...PUBLIC_ADDRESS, ...ADMIN], ["getImage"]],
  ["an admin by IAM", { admin: { osLogin: true, cidrs } }, [...NETWORK, ...PUBLIC_ADDRESS, ...ADMIN], ["getImage"]],
  ["a KMS key", { kmsKeyName }, [...NETWORK, ...PUBLIC_ADDRESS], ["getImage"]],
  ["arm64", { machineType: "c4a-standard-1" }, [...NETWORK, ...PUBLIC_ADDRESS], ["getImage"]],
  ["nothing to look up", { dns: { ...dns, zoneId: "ssh" }, imageId }, [...NETWORK, ...PUBLIC_ADDRESS, ...NAME], []],
  [
    "everything",
    {
      ...EXISTING,
      project: "acme-data-prod",
      admin: { osLogin: true, cidrs },
      kmsKeyName,
      dns,
      protectAddress: true,
      privateAddress: "10.0.0.9",
    },
    [...PUBLIC_ADDRESS, ...ADMIN, ...NAME],
    ["getImage", "getManagedZones", "getSubnetwork"],
  ],
];

test.each(CONFIGURATIONS)("%s: a bastion is these resources, all of them its children, and no others", async (_what, args, more, calls) => {
  const { registered, called, error, logged } = await up(args);
  expect([error, logged]).toEqual([undefined, []]);
  const [component, ...children] = registered;
  expect(component).toMatchObject({ type: "reverse-bastion:gcp:GcpBastion", name: "acme", parent: undefined, custom: false });
  expect(children.map(({ type, name }) => `${type} ${name}`).sort()).toEqual([...ALWAYS, ...more].sort());
  expect(children.filter(({ parent, custom }) => parent !== COMPONENT || !custom)).toEqual([]);
  expect(called.map(({ token }) => token.split(":").at(-1)).sort()).toEqual(calls);
});

test.each(CONFIGURATIONS)(
  "%s: a first preview, which knows nothing that GCP gives, shows the same resources",
  async (_what, args, more) => {
    const { registered, error, logged } = await up(args, { preview: true, outputsOf: () => ({}) });
    expect([error, logged]).toEqual([undefined, []]);
    expect(registered.map(({ type, name }) => `${type} ${name}`).sort()).toEqual(
      ["reverse-bastion:gcp:GcpBastion acme", ...ALWAYS, ...more].sort(),
    );
  },
);

test("without consumers outside, or without tunnels for them, no bind port is opened", async () => {
  const flow = [{ name: "flow", bindAddress: "loopback" }];
  for (const args of [{ tunnels: flow, consumerCidrs: [] }, { tunnels: flow }, { tunnels: [], clients: [], consumers: [] }]) {
    const { registered, error } = await up({ clients: [], consumers: [], ...args });
    expect(error).toBeUndefined();
    expect(registered.map(({ name }) => name)).not.toContain("acme-allow-tunnels");
  }
});

// Names.

test("two bastions of one program have no name in common, neither at Pulumi nor at GCP", async () => {
  const { registered, error } = await deploy(() => ["acme", "globex"].map((name) => new GcpBastion(name, { ...DEPLOYABLE, zone: ZONE })), {
    ...GCP_ENGINE,
    outputsOf: (resource) => gcpOutputs({ ...resource, name: resource.name.replace("globex", "acme") }),
  });
  expect(error).toBeUndefined();
  const names = registered.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
  const fixed = registered.flatMap(({ type, inputs }) => (/:(?:Account|Secret)$/.test(type) ? [inputs.accountId ?? inputs.secretId] : []));
  expect(fixed).toHaveLength(4);
  expect(new Set(fixed).size).toBe(4);
});

test("the longest name still has room for what Pulumi makes of it, and its account's id is one", async () => {
  const name = "n".repeat(40);
  const names: string[] = [];
  for (const args of [{}, { ...EXISTING, dns, admin: { osLogin: true, cidrs } }]) {
    const { registered, error } = await deploy(() => new GcpBastion(name, { ...DEPLOYABLE, zone: ZONE, ...args }), {
      ...GCP_ENGINE,
      outputsOf: (resource) => gcpOutputs({ ...resource, name: resource.name.replace(name, "acme") }),
    });
    expect(error).toBeUndefined();
    names.push(...registered.filter(({ type }) => type.startsWith("gcp:compute/")).map((resource) => resource.name));
    expect(resourceIn(registered, `${name}-identity`).inputs.accountId).toMatch(/^bastion-n{13}-[0-9a-f]{8}$/);
  }
  expect(names.length).toBeGreaterThan(8);
  // Pulumi adds a hyphen and seven digits; GCP takes 63 characters.
  for (const each of names) expect(each.length, each).toBeLessThanOrEqual(63 - 8);
});

test.each(["a", "ab", "acme", "a--b", `${"a".repeat(12)}-b`, "n".repeat(40)])("%s gives an account's id that GCP takes", async (name) => {
  const { registered } = await deploy(() => new GcpBastion(name, { ...DEPLOYABLE, zone: ZONE, clients: [], consumers: [], tunnels: [] }), {
    ...GCP_ENGINE,
    outputsOf: (resource) => gcpOutputs({ ...resource, name: resource.name.replace(new RegExp(`^${name}-`), "acme-") }),
  });
  expect(resourceIn(registered, `${name}-identity`).inputs.accountId).toMatch(/^[a-z](?:[-a-z0-9]{4,28}[a-z0-9])$/);
});

test("a name that begins with a digit is refused with the remedy", async () => {
  const { error, registered } = await deploy(() => new GcpBastion("3m", { ...DEPLOYABLE, zone: ZONE }), GCP_ENGINE);
  expect((error as Error).message).toBe('name: got "3m"; on GCP everything is named after the bastion, and a name begins with a letter');
  expect(registered).toHaveLength(1);
});

test("another stack's bastion of the same name has other ids", async () => {
  const idsIn = async (stack: string) => {
    const { registered } = await up({}, { stack });
    return registered.flatMap(({ type, inputs }) => (/:(?:Account|Secret)$/.test(type) ? [inputs.accountId ?? inputs.secretId] : []));
  };
  const [first, second] = [await idsIn("dev"), await idsIn("prod")];
  expect([...first, ...second]).toHaveLength(4);
  expect(new Set([...first, ...second]).size).toBe(4);
});

// Labels and the project.

test("everything that can have labels has those of the bastion, and those that were asked for", async () => {
  const { registered } = await up({ labels: { team: "data" }, dns });
  const labelled = registered.filter(({ inputs }) => inputs.labels !== undefined);
  expect(labelled.map(({ name }) => name).sort()).toEqual(["acme-host-keys", "acme-instance", "acme-private-ip", "acme-public-ip"]);
  for (const { name, inputs } of labelled) expect([name, inputs.labels]).toEqual([name, { ...LABELS, team: "data" }]);
});

test("a project that was asked for is that of everything", async () => {
  const { registered, called } = await up({ project: "other-project", dns });
  const gcp = registered.filter(({ type }) => type.startsWith("gcp:"));
  const without = gcp.filter(({ inputs }) => inputs.project !== "other-project").map(({ name }) => name);
  // These two name the secret, and with it its project.
  expect(without.sort()).toEqual(["acme-host-keys-reader", "acme-host-keys-version"]);
  expect(called.find(({ token }) => token.endsWith("getManagedZones"))?.inputs).toEqual({ project: "other-project" });
  expect((await up()).registered.filter(({ inputs }) => inputs.project !== undefined)).toEqual([]);
});
