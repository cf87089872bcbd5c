import { expect, test } from "vitest";
import type { AzureTransforms } from "../../../components/azure/azure-transforms.ts";
import type { Transform } from "../../../components/shared/transform.ts";
import { up } from "../../support/azure-bastion.ts";
import { ADMIN, PRIVATE_ZONE_ID, ZONE_ID } from "../../support/azure-engine.ts";

/** What each transform changes, by the type of its child. */
const CHILDREN: Readonly<Record<keyof AzureTransforms, string>> = {
  resourceGroup: "azure-native:resources:ResourceGroup",
  virtualNetwork: "azure-native:network:VirtualNetwork",
  subnet: "azure-native:network:Subnet",
  publicIp: "azure-native:network:PublicIPAddress",
  networkSecurityGroup: "azure-native:network:NetworkSecurityGroup",
  networkInterface: "azure-native:network:NetworkInterface",
  identity: "azure-native:managedidentity:UserAssignedIdentity",
  vault: "azure-native:keyvault:Vault",
  secret: "azure-native:keyvault:Secret",
  virtualMachine: "azure-native:compute:VirtualMachine",
  record: "azure-native:dns:RecordSet",
  privateRecord: "azure-native:privatedns:PrivateRecordSet",
};

test.each([
  ["record", ZONE_ID],
  ["privateRecord", PRIVATE_ZONE_ID],
])("each transform reaches all children of its kind, and no others, with a %s", async (record, zoneId) => {
  const mark =
    (kind: string): Transform<object> =>
    ({ args, options }) => ({
      args: { ...args, resourceGroupName: kind },
      options: { ...options, protect: true },
    });
  const transform = Object.fromEntries(Object.keys(CHILDREN).map((kind) => [kind, mark(kind)])) as AzureTransforms;
  const { registered, error } = await up({ dns: { zone: "ssh.example.com", zoneId }, admin: ADMIN }, {}, { transform });
  expect(error).toBeUndefined();
  const kinds = Object.entries(CHILDREN).filter(([kind]) => !/record/i.test(kind) || kind === record);
  for (const [kind, type] of kinds) {
    const children = registered.filter((resource) => resource.type === type);
    expect(children.length, kind).toBeGreaterThan(0);
    for (const { name, inputs, options } of children) expect([name, inputs.resourceGroupName, options.protect]).toEqual([name, kind, true]);
  }
  expect([...new Set(registered.filter(({ options }) => !options.protect).map(({ type }) => type))].sort()).toEqual([
    "reverse-bastion:azure:AzureBastion",
    "reverse-bastion:index:BindPorts",
    "reverse-bastion:index:SshKeyPair",
  ]);
});

test("a transform sees what the bastion would have made, and decides", async () => {
  const seen: unknown[] = [];
  const transform: AzureTransforms = {
    virtualMachine: ({ args, options }) => {
      seen.push(args.hardwareProfile, options.deleteBeforeReplace);
      return { args: { ...args, priority: "Spot" }, options };
    },
  };
  const { registered } = await up({}, {}, { transform });
  expect(seen).toEqual([{ vmSize: "Standard_B2ats_v2" }, true]);
  expect(registered.find(({ name }) => name === "acme-virtual-machine")?.inputs.priority).toBe("Spot");
});
