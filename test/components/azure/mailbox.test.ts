import { expect, test } from "vitest";
import type { AzureBastionArgs } from "../../../components/azure/azure-bastion.ts";
import { parseBastion } from "../../../components/core/bastion.ts";
import type { ClientSpec } from "../../../components/core/bastion-spec.ts";
import { renderHostFiles } from "../../../components/host/mailbox-document.ts";
import { renderVirtualMachine, type VirtualMachineOptions } from "../../../components/host/virtual-machine.ts";
import { GROUP, inputsOf, PLACE, TAGS, up } from "../../support/azure-bastion.ts";
import { ADMIN, azureOutputs, customDataOf, mailboxOf, PRINCIPAL_ID, secretsOf, TENANT_ID } from "../../support/azure-engine.ts";
import { DEPLOYABLE } from "../../support/bastions.ts";
import { privateKeyOf } from "../../support/local-engine.ts";
import { documentIn } from "../../support/mailbox-parameters.ts";
import { RANDOM_KEY } from "../../support/random-keys.ts";
import { ofType, resourceIn } from "../../support/registered.ts";

const SECRET = "azure-native:keyvault:Secret";

test("user data says what is current, and the vault has it", async () => {
  const { registered } = await up();
  const { userData } = resourceIn(registered, "acme-virtual-machine").inputs as { userData: string };
  const text = Buffer.from(userData, "base64").toString("utf8");
  expect(Buffer.from(text).toString("base64")).toBe(userData);
  expect(Object.keys(JSON.parse(text))).toEqual(["host-files/manifest", "key-set/manifest", "host-keys/manifest"]);
  expect(JSON.parse(JSON.parse(text)["key-set/manifest"])).toEqual({
    version: 1,
    digest: expect.stringMatching(/^[0-9a-f]{64}$/),
    parts: 1,
  });
  const { parts } = JSON.parse(JSON.parse(text)["host-files/manifest"]) as { parts: number };
  const files = Array.from({ length: 2 ** Math.ceil(Math.log2(parts)) }, (_, i) => `host-files-${i + 1}`);
  const names = secretsOf(registered).map(([name]) => name);
  expect(names.sort()).toEqual([...files, "host-keys", "key-set-1"].sort());
});

test.each<[Partial<AzureBastionArgs>, Partial<VirtualMachineOptions>]>([
  [{}, {}],
  [{ image: "debian-12" }, { image: "debian-12" }],
  [{ admin: ADMIN }, { adminSshd: true }],
  [{ sshPort: 2200, legacyCiphers: true, tunnelUser: "acme" }, {}],
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

test("files and custom data do not change with keys and tunnels", async () => {
  const without = (await up({ tunnels: [{ name: "orders" }], clients: [], consumers: [] })).registered;
  const withAll = (await up()).registered;
  expect(customDataOf(withAll)).toBe(customDataOf(without));
  const [before, after] = [mailboxOf(without), mailboxOf(withAll)];
  expect(Object.keys(after).filter((key) => after[key] !== before[key])).toEqual(["key-set/manifest", "key-set/1"]);
});

test("secrets go with their vault: nobody but the machine is let in, so nobody could remove one", async () => {
  const { registered } = await up();
  for (const { type, name, options } of registered) expect([name, options.retainOnDelete]).toEqual([name, type === SECRET]);
});

// The vault.

test("the vault lets the machine's identity read secrets, and nobody do anything else", async () => {
  expect(await inputsOf("acme-identity")).toEqual({ ...PLACE, tags: TAGS });
  expect(await inputsOf("acme-vault")).toMatchObject({
    ...PLACE,
    vaultName: expect.stringMatching(/^rb-[0-9a-f]{20}$/),
    properties: {
      tenantId: TENANT_ID,
      sku: { family: "A", name: "standard" },
      enableRbacAuthorization: false,
      accessPolicies: [{ tenantId: TENANT_ID, objectId: PRINCIPAL_ID, permissions: { secrets: ["get"] } }],
      softDeleteRetentionInDays: 7,
    },
    tags: TAGS,
  });
});

test("the host keys are one secret, with the files' names; it alone is marked as one", async () => {
  const { registered } = await up();
  const { properties, ...rest } = resourceIn(registered, "acme-host-keys").inputs;
  const { vaultName } = resourceIn(registered, "acme-vault").inputs;
  expect(rest).toEqual({ resourceGroupName: GROUP, vaultName, secretName: "host-keys" });
  expect(JSON.parse((properties as { value: string }).value)).toEqual({
    ssh_host_ed25519_key: privateKeyOf("acme-host-key-ed25519"),
    ssh_host_ecdsa_key: privateKeyOf("acme-host-key-ecdsa"),
  });
  const secretInputs = registered.flatMap((each) => each.secretInputs.map((input) => `${each.name}.${input}`));
  expect(secretInputs).toEqual(["acme-host-keys.properties"]);
});

test("what the machine is told holds no secret, and the key that nobody uses is nowhere but in state", async () => {
  for (const args of [{}, { admin: ADMIN }]) {
    const { registered, outputs } = await up(args);
    const machine = JSON.stringify(resourceIn(registered, "acme-virtual-machine").inputs) + customDataOf(registered);
    for (const word of ["PRIVATE KEY", "secret of"]) expect(machine).not.toContain(word);
    const everything = JSON.stringify([registered.map(({ inputs }) => inputs), outputs]);
    expect(everything).not.toContain("secret of acme-admin-key");
  }
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
          : azureOutputs(resource),
    },
  );

test.each<[string, readonly ClientSpec[]]>([
  ["1 client", clients(1, () => ({ generateKey: "ed25519" }))],
  ["50 clients with RSA keys", clients(50, () => ({ generateKey: "rsa-pem" }))],
  ["500 clients with generated keys", clients(500, () => ({ generateKey: "ed25519" }))],
  ["5000 clients with keys of their own", clients(5000, () => ({ publicKeys: [RANDOM_KEY.ed25519()] }))],
])("with %s, the custom data is the same, and all of the key set is in secrets of a size that Azure takes", async (_what, specs) => {
  const { registered, error } = await upWith(specs);
  expect(error).toBeUndefined();
  expect(customDataOf(registered)).toBe(customDataOf((await up()).registered));
  expect(JSON.parse(documentIn(mailboxOf(registered), "key-set")).users.tunnel.keys).toHaveLength(specs.length);
  for (const [name, value] of secretsOf(registered)) {
    expect(name).toMatch(/^[0-9a-zA-Z-]{1,127}$/);
    expect(Buffer.byteLength(value), name).toBeGreaterThan(0);
    expect(Buffer.byteLength(value), name).toBeLessThanOrEqual(25_000);
  }
  // What is not needed any more would be in the way later: so there are 1, 2, 4, ….
  const count = secretsOf(registered).filter(([name]) => name.startsWith("key-set-")).length;
  expect(Math.log2(count) % 1).toBe(0);
  const { userData } = resourceIn(registered, "acme-virtual-machine").inputs as { userData: string };
  expect(userData.length).toBeLessThan(1_000);
});

test("custom data is far below what Azure takes, and has neither clients nor keys in it", async () => {
  const text = customDataOf((await up()).registered);
  expect(Buffer.byteLength(text)).toBeLessThan(65_535 / 2);
  for (const word of ["dc1", "dr-site", "ssh-ed25519", "ssh-rsa", "PRIVATE", "198.51.100", "15000"]) expect(text, word).not.toContain(word);
});

test("a part that is not needed at the moment has its secret, in a preview that knows no key too", async () => {
  // Keys that are all the same pack much better than those that were planned for.
  const specs = clients(1000, () => ({ generateKey: "ed25519", tunnels: ["orders"] }));
  const outputsOf: typeof azureOutputs = (resource) =>
    azureOutputs({ ...resource, name: resource.name.replace(/^acme-client-client-\d+-key$/, "acme-client-dr-site-key") });
  const { registered, error } = await up({ clients: specs, consumers: [] }, { outputsOf });
  expect(error).toBeUndefined();
  const values = Object.fromEntries(secretsOf(registered));
  expect(JSON.parse(documentIn(mailboxOf(registered), "key-set")).users.tunnel.keys).toHaveLength(1000);
  expect(Object.values(values).filter((value) => value === "-").length).toBeGreaterThan(0);
  const preview = await up({ clients: specs, consumers: [] }, { preview: true, outputsOf: () => ({}) });
  const namesOf = (resources: typeof registered) => ofType(resources, SECRET).map(({ name }) => name);
  expect(namesOf(preview.registered).sort()).toEqual(namesOf(registered).sort());
});
