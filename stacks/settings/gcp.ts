import { z } from "zod";
import { GCP_DEFAULTS } from "../../components/core/gcp/gcp-defaults.ts";
import { HostImage } from "../../components/core/host-image.ts";
import { cidrs, text } from "./fields.ts";

/** Settings of the target `gcp`. */
export const gcpSettings = z.strictObject({
  zone: text("Zone of the machine, such as europe-west3-a. Its region is that of the addresses."),
  project: text("Project of everything. Default: that of the GCP configuration.").optional(),
  network: text("VPC network the bastion stands in, together with subnetwork. Default: a network of its own.").optional(),
  subnetwork: text("Subnetwork of network, in the zone's region, with a way to Secret Manager.").optional(),
  networkCidr: text(`Addresses of the bastion's own subnetwork, /8–/29. Default: ${GCP_DEFAULTS.networkCidr}.`).optional(),
  privateAddress: text("The bastion's private IPv4 address. Default: one that GCP chooses, and keeps.").optional(),
  privateOnly: z.boolean().describe("No public address. Needs subnetwork. Default: false.").optional(),
  protectAddress: z.boolean().describe("Refuse to delete the public address until this is taken back. Default: false.").optional(),
  machineType: text(`Size of the machine; its architecture follows. Default: ${GCP_DEFAULTS.machineType}.`).optional(),
  image: z.enum(HostImage).describe(`Operating system. Default: ${GCP_DEFAULTS.image}.`).optional(),
  imageId: text(
    "The very image, projects/…/global/images/…. Changing it replaces the machine. Default: the newest when the machine is made.",
  ).optional(),
  diskSizeGib: z.int().describe(`Size of the encrypted boot disk in GiB. Default: ${GCP_DEFAULTS.diskSizeGib}.`).optional(),
  kmsKeyName: text("Key of Cloud KMS for the disk and the host keys, in the zone's region. Default: Google's own keys.").optional(),
  secureBoot: z.boolean().describe("Start only what the distribution signed. Default: true on x86; does not exist on arm64.").optional(),
  admin: z
    .strictObject({
      publicKey: text("The admin's public key. Never a client's. Either this or osLogin.").optional(),
      user: text(`Who logs in with publicKey. Default: ${GCP_DEFAULTS.adminUser}.`).optional(),
      osLogin: z.boolean().describe("Let those log in who may by IAM. Default: false.").optional(),
      cidrs: cidrs("that may reach the system's own sshd on port 22"),
    })
    .describe("Who administers the machine, with all rights. Default: nobody.")
    .optional(),
  firewallNote: text("What the description of each firewall rule ends with, such as a ticket's number.").optional(),
  labels: z.record(z.string(), z.string()).describe("Labels of every resource.").optional(),
});
