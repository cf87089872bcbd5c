import type { Properties } from "../../plugin/values.ts";
import { DirectProvider, type Made } from "../../world/provider/direct-provider.ts";
import { AZURE } from "./azure-cloud.ts";
import { type AzureSeeds, azureSeeds } from "./seeds.ts";
import type { AzureContext } from "./subscription.ts";
import { TYPE } from "./types.ts";

export const LOCATION = "westeurope";
export const ED25519_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIKiyPGWbUNvGBWIOg2z2UE9QZJJCkBDVYmPsHoYJxXl/ admin";

/** A subscription in a world of its own, asked for resources without an engine. */
export class TestProject extends DirectProvider<keyof typeof TYPE, AzureContext> {
  constructor(seeds: Partial<AzureSeeds> = {}) {
    super(AZURE, TYPE, azureSeeds({ patienceSeconds: 0, ...seeds }), { location: LOCATION }, /(?<=Code=")\w+(?=")/);
  }
}

/** A resource group with a network, a subnet and an identity. */
export async function makeNetwork(project: TestProject) {
  const group = await project.make("resourceGroup", {}, "group");
  const inGroup = { resourceGroupName: group.state.name };
  const network = await project.make("virtualNetwork", { ...inGroup, addressSpace: { addressPrefixes: ["10.20.0.0/16"] } }, "net");
  const subnet = await project.make(
    "subnet",
    { ...inGroup, virtualNetworkName: network.state.name, addressPrefix: "10.20.0.0/24" },
    "subnet",
  );
  const identity = await project.make("userAssignedIdentity", inGroup, "identity");
  return { group, inGroup, network, subnet, identity };
}

export type TestNetwork = Awaited<ReturnType<typeof makeNetwork>>;

/** Inputs of a network interface in it. */
export function interfaceInputs({ inGroup, subnet }: TestNetwork, configuration: Properties = {}, parts: Properties = {}): Properties {
  return { ...inGroup, ipConfigurations: [{ name: "primary", subnet: { id: subnet.id }, ...configuration }], ...parts };
}

/** Inputs of a machine at a network interface. */
export function machineInputs({ inGroup, identity }: TestNetwork, nic: Made, parts: Properties = {}): Properties {
  return {
    ...inGroup,
    hardwareProfile: { vmSize: "Standard_B2ats_v2" },
    identity: { type: "UserAssigned", userAssignedIdentities: [identity.id] },
    networkProfile: { networkInterfaces: [{ id: nic.id, primary: true, deleteOption: "Detach" }] },
    osProfile: osProfile(),
    storageProfile: storageProfile(),
    userData: base64("data"),
    ...parts,
  };
}

export function osProfile(parts: Properties = {}): Properties {
  const keys = [{ path: "/home/bastion-admin/.ssh/authorized_keys", keyData: ED25519_KEY }];
  return {
    computerName: "bastion",
    adminUsername: "bastion-admin",
    customData: base64("#cloud-config\n"),
    linuxConfiguration: { disablePasswordAuthentication: true, ssh: { publicKeys: keys } },
    ...parts,
  };
}

export function storageProfile(image: Properties = {}, disk: Properties = {}): Properties {
  return {
    imageReference: { publisher: "Debian", offer: "debian-13", sku: "13-gen2", version: "latest", ...image },
    osDisk: { createOption: "FromImage", deleteOption: "Delete", caching: "ReadWrite", ...disk },
  };
}

export function base64(text: string): string {
  return Buffer.from(text).toString("base64");
}
