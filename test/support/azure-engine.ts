import type { EngineOptions, RegisteredResource } from "./engine.ts";
import { ED25519_A, ED25519_B } from "./keys.ts";
import { privateKeyOf, providerOutputs } from "./local-engine.ts";

/** The location and subscription of the tests. */
export const LOCATION = "westeurope";
export const SUBSCRIPTION = "/subscriptions/11111111-2222-3333-4444-555555555555";
export const PUBLIC_IP = "203.0.113.10";
export const PRIVATE_IP = "10.255.0.4";
export const TENANT_ID = "66666666-7777-8888-9999-000000000000";
export const PRINCIPAL_ID = "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee";
export const CLIENT_ID = "ffffffff-0000-1111-2222-333333333333";
export const EXACT_VERSION = "0.20261110.2291";
/** What exists in the subscription. */
export const VIRTUAL_NETWORK_ID = `${SUBSCRIPTION}/resourceGroups/net/providers/Microsoft.Network/virtualNetworks/prod`;
export const SUBNET_ID = `${VIRTUAL_NETWORK_ID}/subnets/bastions`;
export const ZONE_ID = `${SUBSCRIPTION}/resourceGroups/dns/providers/Microsoft.Network/dnszones/ssh.example.com`;
export const PRIVATE_ZONE_ID = ZONE_ID.replace("dnszones", "privateDnsZones");
export const GALLERY_IMAGE_ID = `${SUBSCRIPTION}/resourceGroups/images/providers/Microsoft.Compute/galleries/ours/images/hardened/versions/1.0.0`;
export const DISK_ENCRYPTION_SET_ID = `${SUBSCRIPTION}/resourceGroups/keys/providers/Microsoft.Compute/diskEncryptionSets/bastions`;

/** The public half of the key pair that nobody uses. */
export const ADMIN_KEY = ED25519_B;

/** The service endpoints of the subnet that exists, as Azure writes them. */
export const SUBNET_ENDPOINTS = [
  { service: "Microsoft.Storage", provisioningState: "Succeeded", locations: ["westeurope"] },
  { service: "Microsoft.Sql", provisioningState: "Succeeded", locations: ["westeurope"] },
];

/** What Azure adds to the inputs of its resources, and our own provider to those of its. */
export function azureOutputs(resource: RegisteredResource): object {
  const { type, name, inputs } = resource;
  switch (type) {
    case "azure-native:resources:ResourceGroup":
      return { name: `${name}01234567` };
    case "azure-native:network:VirtualNetwork":
      return { name: `${name}89abcdef` };
    case "azure-native:network:PublicIPAddress":
      return { ipAddress: PUBLIC_IP };
    case "azure-native:network:NetworkInterface": {
      const [configuration] = inputs.ipConfigurations as readonly Record<string, unknown>[];
      return { ipConfigurations: [{ privateIPAddress: PRIVATE_IP, ...configuration }] };
    }
    case "azure-native:managedidentity:UserAssignedIdentity":
      return { tenantId: TENANT_ID, principalId: PRINCIPAL_ID, clientId: CLIENT_ID };
    case "azure-native:keyvault:Vault":
      return { name: inputs.vaultName };
    case "azure-native:compute:VirtualMachine": {
      const storage = inputs.storageProfile as { readonly imageReference: { readonly id?: string } };
      const exact = storage.imageReference.id === undefined ? { exactVersion: EXACT_VERSION } : {};
      return { storageProfile: { ...storage, imageReference: { ...storage.imageReference, ...exact } } };
    }
    case "reverse-bastion:index:SshKeyPair":
      return name === "acme-admin-key"
        ? { publicKey: ADMIN_KEY.line, fingerprint: ADMIN_KEY.fingerprint, privateKeyOpenSsh: privateKeyOf(name), privateKeyPem: "" }
        : providerOutputs(resource);
    default:
      return type.startsWith("azure-native:") ? {} : providerOutputs(resource);
  }
}

/** An engine with this subscription and our own provider behind it. */
export const AZURE_ENGINE: EngineOptions = {
  outputsOf: azureOutputs,
  calls: { "azure-native:network:getSubnet": () => ({ id: SUBNET_ID, serviceEndpoints: SUBNET_ENDPOINTS }) },
};

/** An admin with a key of their own. */
export const ADMIN = { publicKey: ED25519_A.line, cidrs: ["192.0.2.0/24"] };

/** The text of the custom data of a bastion's machine: base64, once. */
export function customDataOf(registered: readonly RegisteredResource[], bastion = "acme"): string {
  const { osProfile } = machineIn(registered, bastion) as { readonly osProfile: { readonly customData: string } };
  return Buffer.from(osProfile.customData, "base64").toString("utf8");
}

/** The entries of a bastion's mailbox, by the names that the machine's programs have for them. */
export function mailboxOf(registered: readonly RegisteredResource[], bastion = "acme"): Record<string, string> {
  const { userData } = machineIn(registered, bastion) as { readonly userData: string };
  const manifests = JSON.parse(Buffer.from(userData, "base64").toString("utf8")) as Record<string, string>;
  const parts = secretsOf(registered, bastion).flatMap(([secret, value]) => {
    const [, role, part] = /^(.+)-(\d+)$/.exec(secret) ?? [];
    return part === undefined ? [] : [[`${role}/${part}`, value] as const];
  });
  return { ...manifests, ...Object.fromEntries(parts) };
}

/** The secrets of a bastion's vault with their values. */
export function secretsOf(registered: readonly RegisteredResource[], bastion = "acme"): (readonly [string, string])[] {
  return registered
    .filter(({ type, name }) => type === "azure-native:keyvault:Secret" && name.startsWith(`${bastion}-`))
    .map(({ inputs }) => [inputs.secretName as string, (inputs.properties as { readonly value: string }).value] as const);
}

function machineIn(registered: readonly RegisteredResource[], bastion: string): Readonly<Record<string, unknown>> {
  return registered.find(({ name }) => name === `${bastion}-virtual-machine`)?.inputs ?? {};
}
