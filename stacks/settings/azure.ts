import { z } from "zod";
import { AZURE_DEFAULTS } from "../../components/core/azure/azure-defaults.ts";
import { HostImage } from "../../components/core/host-image.ts";
import { cidrs, text } from "./fields.ts";

/** Settings of the target `azure`. */
export const azureSettings = z.strictObject({
  location: text("Location of everything, such as westeurope."),
  resourceGroup: text("Resource group that everything is made in. Default: one of its own.").optional(),
  virtualNetworkId: text("ARM id of a virtual network that gets a subnet for the bastion, with the addresses of networkCidr.").optional(),
  subnetId: text("ARM id of the subnet the bastion stands in, with a way to Key Vault. Default: one of its own.").optional(),
  networkCidr: text(`Addresses of the bastion's own subnet, /8–/29. Default: ${AZURE_DEFAULTS.networkCidr}.`).optional(),
  privateAddress: text("The bastion's private IPv4 address. Default: one that Azure chooses, and keeps.").optional(),
  privateOnly: z.boolean().describe("No public address. Needs subnetId or virtualNetworkId. Default: false.").optional(),
  protectAddress: z.boolean().describe("Refuse to delete the public address until this is taken back. Default: false.").optional(),
  serviceEndpoints: z
    .array(z.string())
    .describe("Service endpoints that the bastion's subnet is to have, such as Microsoft.Sql. Default: Key Vault's only.")
    .optional(),
  vmSize: text(`Size of the machine; its architecture follows. Default: ${AZURE_DEFAULTS.vmSize}.`).optional(),
  image: z.enum(HostImage).describe(`Operating system. Default: ${AZURE_DEFAULTS.image}.`).optional(),
  imageVersion: text(
    "Version of the stock image. Changing it replaces the machine. Default: the newest when the machine is made.",
  ).optional(),
  imageId: text("ARM id of an image of your own, of the kind that image says. Changing it replaces the machine.").optional(),
  diskSizeGib: z.int().describe("Size of the encrypted system disk in GiB. Default: the image's, 30.").optional(),
  diskEncryptionSetId: text("ARM id of the disk encryption set for the disk. Default: Azure's own keys.").optional(),
  trustedLaunch: z
    .boolean()
    .describe("Start only what the distribution signed. Default: true where the size has it; does not exist on arm64.")
    .optional(),
  zone: text('Availability zone of the machine, such as "1". Default: wherever Azure puts it.').optional(),
  admin: z
    .strictObject({
      publicKey: text("The admin's public key, RSA or Ed25519. Never a client's."),
      user: text(`Who logs in with publicKey. Default: ${AZURE_DEFAULTS.adminUser}.`).optional(),
      cidrs: cidrs("that may reach the system's own sshd on port 22"),
    })
    .describe("Who administers the machine, with all rights. Default: nobody.")
    .optional(),
  firewallNote: text("What the description of each firewall rule ends with, such as a ticket's number.").optional(),
  tags: z.record(z.string(), z.string()).describe("Tags of every resource.").optional(),
});
