import { expect, test } from "vitest";
import { parseBastion } from "../../../components/core/bastion.ts";
import type { ClientSpec } from "../../../components/core/bastion-spec.ts";
import type { GcpBastionArgs } from "../../../components/gcp/gcp-bastion.ts";
import { renderHostFiles } from "../../../components/host/mailbox-document.ts";
import { renderVirtualMachine, type VirtualMachineOptions } from "../../../components/host/virtual-machine.ts";
import { DEPLOYABLE } from "../../support/bastions.ts";
import { inputsOf, LABELS, SERVICE_ACCOUNT, SUFFIX, up } from "../../support/gcp-bastion.ts";
import { gcpOutputs, mailboxOf, metadataOf, REGION } from "../../support/gcp-engine.ts";
import { ED25519_A } from "../../support/keys.ts";
import { privateKeyOf } from "../../support/local-engine.ts";
import { documentIn } from "../../support/mailbox-parameters.ts";
import { RANDOM_KEY } from "../../support/random-keys.ts";
import { resourceIn } from "../../support/registered.ts";

const kmsKeyName = "projects/acme-data-prod/locations/europe-west3/keyRings/bastions/cryptoKeys/disk";

test("the mailbox is entries of the machine's metadata, and everything else in it is known by name", async () => {
  expect(Object.keys(metadataOf((await up()).registered)).sort()).toEqual([
    "block-project-ssh-keys",
    "enable-oslogin",
    "reverse-bastion-host-files-1",
    "reverse-bastion-host-files-manifest",
    "reverse-bastion-host-keys-manifest",
    "reverse-bastion-key-set-1",
    "reverse-bastion-key-set-manifest",
    "serial-port-enable",
    "startup-script",
  ]);
});

test.each<[Partial<GcpBastionArgs>, Partial<VirtualMachineOptions>]>([
  [{}, {}],
  [{ image: "debian-12" }, { image: "debian-12" }],
  [{ admin: { publicKey: ED25519_A.line, cidrs: ["192.0.2.0/24"] } }, { adminSshd: true }],
  [{ sshPort: 2200, legacyCiphers: true, tunnelUser: "acme", penaltyExemptCidrs: ["192.0.2.0/24"] }, {}],
])("the machine's files are those of %j", async (args, options) => {
  const { registered } = await up(args);
  const files = renderVirtualMachine(parseBastion({ ...DEPLOYABLE, ...args }), {
    image: "debian-13",
    adminSshd: false,
    ipv6: false,
    ...options,
  });
  expect(documentIn(mailboxOf(registered), "host-files")).toBe(renderHostFiles(files));
});

test("files and startup script do not change with keys and tunnels", async () => {
  const without = metadataOf((await up({ tunnels: [{ name: "orders" }], clients: [], consumers: [] })).registered);
  const withAll = metadataOf((await up()).registered);
  const changed = Object.keys(withAll).filter((key) => withAll[key] !== without[key]);
  expect(changed.sort()).toEqual(["reverse-bastion-key-set-1", "reverse-bastion-key-set-manifest"]);
});

// The host keys.

test("the host keys are one secret in the machine's region, with the files' names", async () => {
  expect(await inputsOf("acme-host-keys")).toEqual({
    secretId: `reverse-bastion-acme-${SUFFIX}`,
    replication: { userManaged: { replicas: [{ location: REGION }] } },
    labels: LABELS,
  });
  const { inputs, secretInputs } = resourceIn((await up()).registered, "acme-host-keys-version");
  const { secretData, ...rest } = inputs;
  expect([rest, secretInputs]).toEqual([{ secret: "acme-host-keys-id" }, ["secretData"]]);
  expect(JSON.parse(secretData as string)).toEqual({
    ssh_host_ed25519_key: privateKeyOf("acme-host-key-ed25519"),
    ssh_host_ecdsa_key: privateKeyOf("acme-host-key-ecdsa"),
  });
  const replica = { location: REGION, customerManagedEncryption: { kmsKeyName } };
  expect((await inputsOf("acme-host-keys", { kmsKeyName })).replication).toEqual({ userManaged: { replicas: [replica] } });
});

test("a secret in another region, which has the same id, is made after the former one is gone", async () => {
  expect(resourceIn((await up()).registered, "acme-host-keys").options.deleteBeforeReplace).toBe(true);
});

test("the machine's account may read that secret, and has no other role", async () => {
  const { registered } = await up();
  expect(resourceIn(registered, "acme-identity").inputs).toEqual({
    accountId: `bastion-acme-${SUFFIX}`,
    displayName: "Reverse SSH bastion acme",
    description: "The machine of a reverse SSH bastion; may read its own host keys",
  });
  expect(registered.filter(({ type }) => /iam/i.test(type)).map(({ inputs }) => inputs)).toEqual([
    { secretId: "acme-host-keys-id", role: "roles/secretmanager.secretAccessor", member: `serviceAccount:${SERVICE_ACCOUNT}` },
  ]);
});

test("metadata holds no secret, and is not marked as one", async () => {
  const { registered } = await up({ admin: { publicKey: ED25519_A.line, cidrs: ["192.0.2.0/24"] } });
  const text = JSON.stringify(metadataOf(registered));
  for (const word of ["PRIVATE KEY", "secret of"]) expect(text).not.toContain(word);
  expect(resourceIn(registered, "acme-instance").secretInputs).toEqual([]);
});

// Many clients.

const clients = (count: number, client: () => Omit<ClientSpec, "name">): ClientSpec[] =>
  Array.from({ length: count }, (_, i) => ({ name: `client-${i}`, ...client() }));

/** With keys of which nothing was known. */
const upWith = (specs: readonly ClientSpec[]) =>
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
          : gcpOutputs(resource),
    },
  );

test.each<[string, readonly ClientSpec[]]>([
  ["1 client", clients(1, () => ({ generateKey: "ed25519" }))],
  ["50 clients with RSA keys", clients(50, () => ({ generateKey: "rsa-pem" }))],
  ["500 clients with generated keys", clients(500, () => ({ generateKey: "ed25519" }))],
  ["3000 clients with keys of their own", clients(3000, () => ({ publicKeys: [RANDOM_KEY.ed25519()] }))],
])("with %s, the startup script is the same, and all of the key set is in metadata of a size that GCP takes", async (_what, specs) => {
  const { registered, error } = await upWith(specs);
  expect(error).toBeUndefined();
  const metadata = metadataOf(registered);
  expect(metadata["startup-script"]).toBe(metadataOf((await up()).registered)["startup-script"]);
  expect(JSON.parse(documentIn(mailboxOf(registered), "key-set")).users.tunnel.keys).toHaveLength(specs.length);
  expect(Object.values(metadata).filter((value) => Buffer.byteLength(value) > 256_000)).toEqual([]);
  expect(Buffer.byteLength(JSON.stringify(metadata))).toBeLessThan(512_000);
});

test("a part that is not needed at the moment has its entry", async () => {
  // Keys that are all the same pack much better than those that were planned for.
  const specs = clients(4000, () => ({ generateKey: "ed25519", tunnels: ["orders"] }));
  const outputsOf: typeof gcpOutputs = (resource) =>
    gcpOutputs({ ...resource, name: resource.name.replace(/^acme-client-client-\d+-key$/, "acme-client-dr-site-key") });
  const { registered, error } = await up({ clients: specs, consumers: [] }, { outputsOf });
  expect(error).toBeUndefined();
  const mailbox = mailboxOf(registered);
  expect(
    Object.keys(mailbox)
      .filter((name) => name.startsWith("key-set/"))
      .sort(),
  ).toEqual(["key-set/1", "key-set/2", "key-set/manifest"]);
  expect(mailbox["key-set/2"]).toBe("-");
  expect(JSON.parse(documentIn(mailbox, "key-set")).users.tunnel.keys).toHaveLength(4000);
});

test.each([true, false])(
  "more keys than metadata takes are refused with a remedy, before anything is made (preview: %s)",
  async (preview) => {
    const specs = clients(1500, () => ({ generateKey: "rsa-pem" }));
    const { error, registered } = await up({ clients: specs, consumers: [] }, { preview });
    expect((error as Error).message).toMatch(
      /^clients: the keys of 1500 clients and 0 consumers take \d{3} KB, and a machine's metadata has room for \d{3} KB of them; spread them over several bastions, or use Ed25519 keys, which are the smallest$/,
    );
    expect(registered.map(({ name }) => name)).toEqual(["acme"]);
  },
);
