import { expect, test } from "vitest";
import type { AzureBastionArgs } from "../../../components/azure/azure-bastion.ts";
import { GROUP, inputsOf, PLACE, TAGS, up } from "../../support/azure-bastion.ts";
import { PRINCIPAL_ID, PRIVATE_IP, PRIVATE_ZONE_ID, PUBLIC_IP, SUBNET_ID, ZONE_ID } from "../../support/azure-engine.ts";
import { settled } from "../../support/engine.ts";
import { resourceIn } from "../../support/registered.ts";

const dns = { zone: "ssh.example.com", zoneId: ZONE_ID };

test("the addresses belong to a network interface, so that they outlive the machine", async () => {
  expect(await inputsOf("acme-public-ip")).toEqual({
    ...PLACE,
    sku: { name: "Standard" },
    publicIPAllocationMethod: "Static",
    publicIPAddressVersion: "IPv4",
    idleTimeoutInMinutes: 30,
    tags: TAGS,
  });
  const card = {
    ...PLACE,
    networkSecurityGroup: { id: "acme-network-security-group-id" },
    ipConfigurations: [
      {
        name: "primary",
        subnet: { id: "acme-subnet-id" },
        privateIPAllocationMethod: "Dynamic",
        publicIPAddress: { id: "acme-public-ip-id" },
      },
    ],
    tags: TAGS,
  };
  expect(await inputsOf("acme-network-interface")).toEqual(card);
  expect(await inputsOf("acme-network-interface", { subnetId: SUBNET_ID, privateOnly: true, privateAddress: "10.0.0.9" })).toEqual({
    ...card,
    ipConfigurations: [{ name: "primary", subnet: { id: SUBNET_ID }, privateIPAllocationMethod: "Static", privateIPAddress: "10.0.0.9" }],
  });
});

test("the public address is protected where that was asked for, and nothing else is", async () => {
  const isProtected = async (args: Partial<AzureBastionArgs>) =>
    (await up(args)).registered.filter(({ options }) => options.protect).map(({ name }) => name);
  expect(await isProtected({})).toEqual([]);
  expect(await isProtected({ protectAddress: true })).toEqual(["acme-public-ip"]);
});

test.each<[string, Partial<AzureBastionArgs>, string, string, string]>([
  ["the public address", {}, PUBLIC_IP, PUBLIC_IP, PRIVATE_IP],
  ["the private address", { subnetId: SUBNET_ID, privateOnly: true }, PRIVATE_IP, "", PRIVATE_IP],
  [
    "the private address that was chosen",
    { subnetId: SUBNET_ID, privateOnly: true, privateAddress: "10.0.0.9" },
    "10.0.0.9",
    "",
    "10.0.0.9",
  ],
  ["the name", { dns }, "acme.ssh.example.com", PUBLIC_IP, PRIVATE_IP],
  [
    "the name, also inside",
    { subnetId: SUBNET_ID, privateOnly: true, dns: { ...dns, zoneId: PRIVATE_ZONE_ID, name: "a.b" } },
    "a.b.ssh.example.com",
    "",
    PRIVATE_IP,
  ],
])("clients dial %s", async (_what, args, host, publicIp, privateIp) => {
  const { result } = await up(args);
  expect([await settled(result.host), await settled(result.publicIp), await settled(result.privateIp)]).toEqual([
    host,
    publicIp,
    privateIp,
  ]);
  expect(await settled(result.endpoint)).toBe(`ssh://tunnel@${host}:2222`);
});

test.each<[string, Partial<AzureBastionArgs>, string[]]>([
  ["inside, the private address", { consumerCidrs: ["10.20.0.0/16"], dns }, [PRIVATE_IP]],
  ["outside, the name", { consumerCidrs: ["203.0.113.0/24"], dns }, ["acme.ssh.example.com"]],
  ["both, both", { consumerCidrs: ["10.20.0.0/16", "203.0.113.0/24"] }, [PRIVATE_IP, PUBLIC_IP]],
  [
    "private only, the one address, once",
    { subnetId: SUBNET_ID, privateOnly: true, consumerCidrs: ["10.20.0.0/16", "203.0.113.0/24"] },
    [PRIVATE_IP],
  ],
])("consumers who are %s reach the bind ports", async (_what, args, hosts) => {
  const [orders, , flow] = await settled((await up(args)).result.tunnels);
  expect([orders?.consumerAddresses, flow?.consumerAddresses]).toEqual([hosts.map((host) => `${host}:15000`), []]);
});

test("what others need to refer to the bastion is an output", async () => {
  const { result } = await up();
  const { networkSecurityGroupId, identityPrincipalId, instanceId, resourceGroup } = result;
  expect(await Promise.all([networkSecurityGroupId, identityPrincipalId, instanceId, resourceGroup].map(settled))).toEqual([
    "acme-network-security-group-id",
    PRINCIPAL_ID,
    "acme-virtual-machine-id",
    GROUP,
  ]);
  expect(await settled((await up({ resourceGroup: "acme-prod" })).result.resourceGroup)).toBe("acme-prod");
});

// The name.

test.each([
  [{ dns }, { zoneName: "ssh.example.com", relativeRecordSetName: "acme", aRecords: [{ ipv4Address: PUBLIC_IP }] }],
  [{ dns: { ...dns, name: "a.b" } }, { zoneName: "ssh.example.com", relativeRecordSetName: "a.b", aRecords: [{ ipv4Address: PUBLIC_IP }] }],
  [
    { dns: { ...dns, zoneId: PRIVATE_ZONE_ID }, subnetId: SUBNET_ID, privateOnly: true },
    { privateZoneName: "ssh.example.com", relativeRecordSetName: "acme", aRecords: [{ ipv4Address: PRIVATE_IP }] },
  ],
])("with %j, the name is a record of the address clients dial, in that zone", async (args, expected) => {
  const { registered, called } = await up(args);
  expect(called).toEqual([]);
  expect(resourceIn(registered, "acme-dns-record").inputs).toEqual({ resourceGroupName: "dns", recordType: "A", ttl: 300, ...expected });
});
