import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { expect, test } from "vitest";
import { azureSeeds } from "../../cloud/azure/control-plane/seeds.ts";
import { TYPE } from "../../cloud/azure/control-plane/types.ts";
import type { WorldRecord } from "../../cloud/world/world.ts";
import { ED25519_A } from "../../support/keys.ts";
import {
  ADDRESS,
  ASK_METADATA,
  ECHO,
  ECHO_PROGRAM,
  ECHO_UNIT,
  type MachineScene,
  type RunningMachine,
  START_ECHO,
} from "./machine-scene.ts";
import { CUSTOMER } from "./network.ts";
import { connectTo } from "./platform.ts";
import { waitUntil } from "./wait.ts";

const SUBSCRIPTION = "/subscriptions/11111111-2222-3333-4444-555555555555";
const GROUP = `${SUBSCRIPTION}/resourceGroups/acme`;
const NETWORK = `${GROUP}/providers/Microsoft.Network`;
const SUBNET = `${NETWORK}/virtualNetworks/net/subnets/subnet`;
const SECURITY_GROUP = `${NETWORK}/networkSecurityGroups/bastion`;
const CARD = `${NETWORK}/networkInterfaces/bastion`;
const MACHINE = `${GROUP}/providers/Microsoft.Compute/virtualMachines/bastion`;
const VAULTS = `${GROUP}/providers/Microsoft.KeyVault/vaults`;
const IDENTITY = `${GROUP}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/bastion`;
const TENANT = "99999999-8888-7777-6666-555555555555";
const CLIENT_ID = "aaaaaaaa-0000-4000-8000-000000000001";
const PRINCIPAL_ID = "aaaaaaaa-0000-4000-8000-000000000002";
const VM_ID = "0f1e2d3c-4b5a-4678-8a9b-0c1d2e3f4a5b";
const OTHER_VM_ID = "1f1e2d3c-4b5a-4678-8a9b-0c1d2e3f4a5b";

const READ_SECRET = readFileSync(resolve(import.meta.dirname, "../../cloud/azure/data-plane/read-secret.py"), "utf8");
const READER = ["python3", "/root/read-secret.py"];

const CUSTOM_DATA = `#cloud-config
${JSON.stringify({
  users: [""],
  write_files: [
    { path: "/usr/local/bin/echo-server", permissions: "0755", content: ECHO_PROGRAM },
    { path: "/etc/systemd/system/echo@.service", content: ECHO_UNIT },
    { path: "/root/read-secret.py", content: READ_SECRET },
  ],
  runcmd: ["echo configured >> /root/configured", START_ECHO],
})}
`;

const rule = (name: string, priority: number, port: string, source: string, access = "Allow"): WorldRecord => ({
  name,
  priority,
  access,
  direction: "Inbound",
  protocol: port === "*" ? "*" : "Tcp",
  sourceAddressPrefix: source,
  sourcePortRange: "*",
  destinationAddressPrefix: "*",
  destinationPortRange: port,
});

const rules = (echoFrom: string): WorldRecord[] => [
  rule("deny-rest", 4096, "*", "*", "Deny"),
  rule("ssh", 100, "22", `${CUSTOMER}/32`),
  rule("echo", 110, `${ECHO}`, echoFrom),
];

const interfaceWith = (privateIPAddress: string, publicAddress?: string): WorldRecord => ({
  ipConfigurations: [
    {
      name: "ip",
      privateIPAddress,
      privateIPAllocationMethod: "Dynamic",
      subnet: { id: SUBNET },
      ...(publicAddress === undefined ? {} : { publicIPAddress: { id: publicAddress } }),
    },
  ],
  networkSecurityGroup: { id: SECURITY_GROUP },
});

const machine = (name: string, vmId: string, customData: string): WorldRecord => ({
  name,
  vmId,
  location: "westeurope",
  hardwareProfile: { vmSize: "Standard_B2ats_v2" },
  // As somebody may have written it: Azure Resource Manager does not tell cases apart.
  networkProfile: { networkInterfaces: [{ id: CARD.replace("bastion", name).toUpperCase(), deleteOption: "Detach" }] },
  osProfile: {
    adminUsername: "bastion-admin",
    computerName: name,
    customData: Buffer.from(customData).toString("base64"),
    linuxConfiguration: {
      disablePasswordAuthentication: true,
      ssh: { publicKeys: [{ path: "/home/bastion-admin/.ssh/authorized_keys", keyData: ED25519_A.line }] },
    },
  },
  storageProfile: {
    imageReference: { publisher: "Debian", offer: "debian-13", sku: "13-gen2", version: "latest", exactVersion: "0.20261110.2290" },
    osDisk: { caching: "ReadWrite", createOption: "FromImage", name: `${name}_OsDisk_1` },
  },
  tags: { owner: "acme", team: "data" },
});

const vault = (name: string, secrets: readonly string[]): WorldRecord => ({
  name,
  location: "westeurope",
  properties: {
    tenantId: TENANT,
    enableRbacAuthorization: false,
    accessPolicies: secrets.map((right) => ({ tenantId: TENANT, objectId: PRINCIPAL_ID, permissions: { secrets: [right] } })),
  },
});

/** A virtual machine of Azure, configured by cloud-init from its custom data. */
export const AZURE_MACHINE: MachineScene = {
  cloud: "Azure",
  instance: VM_ID,
  seeds: azureSeeds(),
  records: {
    [TYPE.virtualNetwork]: { [`${NETWORK}/virtualNetworks/net`]: { addressSpace: { addressPrefixes: ["10.30.0.0/16"] } } },
    [TYPE.subnet]: { [SUBNET]: { addressPrefix: "10.30.0.0/24" } },
    [TYPE.publicIPAddress]: {
      [`${NETWORK}/publicIPAddresses/bastion`]: { ipAddress: ADDRESS, sku: { name: "Standard" }, publicIPAllocationMethod: "Static" },
    },
    [TYPE.networkSecurityGroup]: { [SECURITY_GROUP]: { securityRules: rules(`${CUSTOMER}/32`) } },
    [TYPE.networkInterface]: { [CARD]: interfaceWith("10.30.0.4", `${NETWORK}/publicIPAddresses/bastion`) },
    [TYPE.virtualMachine]: {
      [MACHINE]: {
        ...machine("bastion", VM_ID, CUSTOM_DATA),
        identity: { type: "UserAssigned", userAssignedIdentities: { [IDENTITY]: {} } },
      },
    },
    [TYPE.userAssignedIdentity]: { [IDENTITY]: { clientId: CLIENT_ID, principalId: PRINCIPAL_ID, tenantId: TENANT } },
    [TYPE.vault]: { [`${VAULTS}/ours`]: vault("ours", ["Get"]), [`${VAULTS}/other`]: vault("other", ["list"]) },
    [TYPE.secret]: {
      [`${VAULTS}/ours/secrets/host-keys`]: { name: "host-keys", properties: { value: "a secret" } },
      [`${VAULTS}/other/secrets/host-keys`]: { name: "host-keys", properties: { value: "not ours" } },
    },
  },
  echoRule: { type: TYPE.networkSecurityGroup, id: SECURITY_GROUP, from: (block) => ({ securityRules: rules(block) }) },
  timesConfigured: () => 1,
  readSecret: [...READER, "ours", "host-keys"],
  printed: { secret: /^200\n.*"value":"a secret"/, throttled: /^429\n/ },
};

/** What only a virtual machine of Azure has. */
export function testAzureMachine(running: RunningMachine): void {
  const { world, inside } = running;
  const ask = async (path: string, ...headers: readonly string[]) => {
    const printed = await inside("python3", "-c", ASK_METADATA, "GET", `/metadata/${path}`, ...headers);
    return { status: Number(printed.slice(0, 3)), body: printed.slice(4).trim() };
  };
  const AZURE = "Metadata: true";
  const USER_DATA = "instance/compute/userData?api-version=2021-01-01&format=text";

  test("is provisioned by cloud-init from Azure's medium, metadata and platform, without a failure", async () => {
    const { detail, errors, recoverable_errors } = JSON.parse(await inside("cloud-init", "status", "--wait", "--format=json")) as Record<
      string,
      unknown
    >;
    expect({ detail, errors, recoverable_errors }).toEqual({
      detail: "DataSourceAzure [seed=/var/lib/cloud/seed/azure]",
      errors: [],
      recoverable_errors: {},
    });
    expect(await inside("cloud-init", "query", "instance_id")).toBe(VM_ID);
    expect(await inside("grep", "-c", "Reported ready to Azure fabric", "/var/log/cloud-init.log")).toBe("1");
    expect(await inside("sh", "-c", "hostname; ls /sys/class/net")).toBe("bastion\neth0\nlo");
  });

  test("offers the platform's administrator to cloud-init, and has nobody who may become root where custom data wants no user", async () => {
    const offered = "{{ds.meta_data.imds.compute.osProfile.adminUsername}} {{ds.meta_data.imds.compute.publicKeys[0].keyData}}";
    expect(await inside("cloud-init", "query", "--format", offered)).toBe(`bastion-admin ${ED25519_A.line}`);
    expect(await inside("sh", "-c", "getent group sudo | cut -d: -f4; ls /home; getent passwd bastion-admin debian")).toBe("");

    // Another one, whose custom data says nothing of users.
    const [card, id] = [CARD.replace("bastion", "other"), MACHINE.replace("bastion", "other")];
    const { cloud } = running;
    const other = async (...command: readonly string[]) => (await cloud.run(OTHER_VM_ID, ...command)).stdout.trim();
    await world.change(({ records }) => {
      Object.assign(records[TYPE.networkInterface] ?? {}, { [card]: interfaceWith("10.30.0.5") });
      Object.assign(records[TYPE.virtualMachine] ?? {}, { [id]: machine("other", OTHER_VM_ID, "#cloud-config\n{}\n") });
    });
    await cloud.boot(OTHER_VM_ID);
    await other("cloud-init", "status", "--wait");
    expect(await other("sudo", "-u", "bastion-admin", "sudo", "-n", "id", "-un")).toBe("root");
    expect(await other("cat", "/home/bastion-admin/.ssh/authorized_keys")).toBe(ED25519_A.line);

    // From its neighbour, and towards it: the last rule of ours decides before the first of Azure's own.
    const meets = async () => await other("python3", "-c", KNOCK, "10.30.0.4", `${ECHO}`);
    expect(await meets()).toBe("timed out");
    await world.alter(TYPE.networkSecurityGroup, SECURITY_GROUP, { securityRules: rules(`${CUSTOMER}/32`).slice(1) });
    await waitUntil("a neighbour to be let in by Azure's own rule", async () => (await meets()) === "connected");
    await world.alter(TYPE.networkSecurityGroup, SECURITY_GROUP, { securityRules: rules(`${CUSTOMER}/32`) });
    await waitUntil("the neighbour to be shut out", async () => (await meets()) === "timed out");
    await world.forget(TYPE.virtualMachine, id);
    await world.forget(TYPE.networkInterface, card);
    await cloud.terminate(OTHER_VM_ID);
  });

  test("is asked for metadata with Azure's header and a version, and for nobody else", async () => {
    const refused = (reason: string) => ({ status: 400, body: JSON.stringify({ error: `Bad request. ${reason}` }) });
    expect(await ask("instance?api-version=2021-02-01")).toEqual(refused("Required metadata header not specified"));
    expect(await ask("instance?api-version=2021-02-01", AZURE, "X-Forwarded-For: 10.0.0.1")).toEqual(
      refused("X-Forwarded-For header is not allowed"),
    );
    const unversioned = await ask("instance", AZURE);
    expect([unversioned.status, JSON.parse(unversioned.body)]).toEqual([
      400,
      { error: "Bad request. api-version was not specified in the request", "newest-versions": ["2025-04-07", "2023-11-15", "2023-07-01"] },
    ]);
    expect((await ask("instance?api-version=2021-02-30", AZURE)).body).toContain("api-version is invalid");
    expect((await ask("absent?api-version=2021-02-01", AZURE)).status).toBe(404);
    expect((await ask("instance/compute/absent?api-version=2021-02-01&format=text", AZURE)).status).toBe(404);
    const { compute, network: interfaces } = JSON.parse((await ask("instance?api-version=2021-08-01", AZURE)).body) as Record<
      string,
      object
    >;
    expect(compute).toMatchObject({
      customData: "",
      location: "westeurope",
      offer: "debian-13",
      osProfile: { adminUsername: "bastion-admin", computerName: "bastion", disablePasswordAuthentication: "true" },
      resourceGroupName: "acme",
      resourceId: MACHINE,
      tags: "owner:acme;team:data",
      vmId: VM_ID,
      vmSize: "Standard_B2ats_v2",
    });
    expect(interfaces).toMatchObject({
      interface: [
        {
          ipv4: {
            ipAddress: [{ privateIpAddress: "10.30.0.4", publicIpAddress: "" }],
            subnet: [{ address: "10.30.0.0", prefix: "24" }],
          },
        },
      ],
    });
    expect(await ask("instance/network/interface/0/ipv4?api-version=2021-02-01&format=text", AZURE)).toEqual({
      status: 200,
      body: "ipAddress/\nsubnet/",
    });
    expect(await ask("instance/compute/customData?api-version=2021-02-01&format=text", AZURE)).toEqual({ status: 200, body: "" });
  });

  test("sees its user data at once when somebody changes it, and a machine without has an empty one", async () => {
    expect(await ask(USER_DATA, AZURE)).toEqual({ status: 200, body: "" });
    await world.alter(TYPE.virtualMachine, MACHINE, { userData: "bmV3cw==" });
    expect(await ask(USER_DATA, AZURE)).toEqual({ status: 200, body: "bmV3cw==" });
    expect((await ask("instance/compute/userData?api-version=2021-01-01", AZURE)).status).toBe(400);
    expect((await ask("instance/compute/userData?api-version=2020-12-01&format=text", AZURE)).status).toBe(404);
  });

  test("gets tokens of the identity it has, and of no other", async () => {
    const token = (query: string, ...headers: readonly string[]) => ask(`identity/oauth2/token?api-version=2018-02-01${query}`, ...headers);
    const refused = (reason: string) => ({ status: 400, body: JSON.stringify({ error: "invalid_request", error_description: reason }) });
    const resource = "&resource=https%3A%2F%2Fvault.azure.net";
    expect(await token(resource)).toEqual(refused("Required metadata header not specified"));
    expect(await token("", AZURE)).toEqual(refused("Required query variable 'resource' is missing"));
    expect(await token(`${resource}&client_id=${TENANT}`, AZURE)).toEqual(refused("Identity not found"));
    const given = JSON.parse((await token(`${resource}&client_id=${CLIENT_ID}`, AZURE)).body) as Record<string, string>;
    expect(given).toMatchObject({ client_id: CLIENT_ID, resource: "https://vault.azure.net", token_type: "Bearer" });
    expect([given.expires_in, given.expires_on]).toEqual([expect.stringMatching(/^\d+$/), expect.stringMatching(/^\d+$/)]);

    const { identity } = world.find(TYPE.virtualMachine, MACHINE) ?? {};
    await world.alter(TYPE.virtualMachine, MACHINE, { identity: undefined });
    expect(await token(resource, AZURE)).toEqual(refused("Identity not found"));
    await world.alter(TYPE.virtualMachine, MACHINE, { identity });
  });

  test("reads the secrets of the vault whose policy lets it, and of no other", async () => {
    const read = (...args: readonly string[]) => inside(...READER, ...args);
    const readAs = (variable: string) => inside("env", variable, ...READER, "ours", "host-keys");
    expect(await read("ours", "host-keys")).toMatch(
      /^200\n\{"value":"a secret","id":"https:\/\/ours\.vault\.azure\.net\/secrets\/host-keys/,
    );
    expect(await read("ours", "absent")).toMatch(/^404\n.*"SecretNotFound"/);
    expect(await read("other", "host-keys")).toMatch(
      new RegExp(`^403\n.*"Forbidden".*oid=${PRINCIPAL_ID};.*does not have secrets get permission on key vault 'other.*"AccessDenied"`),
    );
    expect(await read("ours", "host-keys", "7.45")).toMatch(/^400\n.*"BadParameter".*7\.45/);
    expect(await read("ours", "host-keys", "")).toMatch(/^400\n.*api-version must be specified/);
    const challenge = `Bearer authorization="https://login.microsoftonline.com/${TENANT}", resource="https://vault.azure.net"`;
    expect((await readAs("TOKEN=")).split("\n").slice(0, 2)).toEqual(["401", challenge]);
    expect((await readAs("TOKEN=forged")).split("\n").slice(0, 2)).toEqual(["401", challenge]);
    expect(await readAs("RESOURCE=https://management.azure.com/")).toMatch(/^401\n.*\n.*AKV10022: Invalid audience/);
  });

  test("with a Standard address and no security group it is closed to everybody outside", async () => {
    const { networkSecurityGroup } = world.find(TYPE.networkInterface, CARD) ?? {};
    const echo = () => connectTo(running.network, ADDRESS, ECHO, "ping", CUSTOMER);
    await world.alter(TYPE.networkInterface, CARD, { networkSecurityGroup: undefined });
    await waitUntil("the address to be closed", async () => (await echo()) === "timeout");
    await world.alter(TYPE.networkInterface, CARD, { networkSecurityGroup });
    await waitUntil("the address to be open", async () => (await echo()) === "answered ping");
  });

  test("reaches Key Vault without a public address only where its subnet has the service endpoint", async () => {
    const { ipConfigurations } = world.find(TYPE.networkInterface, CARD) ?? {};
    const reads = async () => (await inside(...READER, "ours", "host-keys")).startsWith("200");
    await world.alter(TYPE.networkInterface, CARD, interfaceWith("10.30.0.4"));
    await waitUntil("Key Vault to be out of reach", async () => !(await reads()));
    await world.alter(TYPE.subnet, SUBNET, { serviceEndpoints: [{ service: "Microsoft.KeyVault", locations: ["*"] }] });
    await waitUntil("Key Vault to be within reach", reads);
    await world.alter(TYPE.networkInterface, CARD, { ipConfigurations });
    await world.alter(TYPE.subnet, SUBNET, { serviceEndpoints: undefined });
    await waitUntil("Key Vault to be within reach", reads);
  });
}

/** Connects to HOST PORT, inside, and prints what came of it. */
const KNOCK = `import socket, sys
try:
    socket.create_connection((sys.argv[1], int(sys.argv[2])), timeout=2).close()
    print("connected")
except OSError as error:
    print(error)`;
